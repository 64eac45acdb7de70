// A tiny virtual machine for tests: boots to SSH in seconds, also without KVM. Made once, kept in a cache.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BootableDisk, configureBootLoader, runTool, writeBootableDisk } from "./bootable-disk.ts";
import { cachedGuest } from "./guest-cache.ts";
import { writeInstaller } from "./installer.ts";
import { cloudKernel, GUEST_PASSWORD, writeRootTree } from "./root-tree.ts";

/** What tests need to boot it and get in. All are paths of files that nobody may change. */
export interface TinyGuest {
  readonly kernel: string;
  readonly initrd: string;
  /** A qcow2 disk that boots by itself and keeps what is written. */
  readonly disk: string;
  /** The same disk with a boot loader that waits at its prompt `boot:` until `linux` or `other`, with kernel arguments, is typed. */
  readonly promptDisk: string;
  /**
   * A CD whose boot loader waits at its prompt `boot:` for `install answers=URL`. It installs what the answers name, a disk as `.raw.gz`,
   * gives it their host name and reboots.
   */
  readonly installerIso: string;
  /** What the installer installs: the disk, raw and compressed. */
  readonly installerDisk: string;
  readonly username: "root";
  readonly password: string;
  /** Private key of a user who may log in. Mode 0600. */
  readonly privateKey: string;
}

/** Programs that `lab` has to find for it. */
export const tinyGuestNeeds = [
  "qemu-system-x86_64",
  "qemu-img",
  "sshd",
  "mkfs.ext4",
  "mcopy",
  "busybox",
  "syslinux",
  "sfdisk",
  "cpio",
  "mkfs.vfat",
  "genisoimage",
] as const;

/** Makes the guest, or finds it in the cache. Takes about ten seconds the first time. */
export function tinyGuest(): TinyGuest {
  const kernel = cloudKernel();
  const folder = cachedGuest(
    {
      name: "tiny-guest",
      sources: ["root-tree.ts", "tiny-guest.ts", "bootable-disk.ts", "installer.ts"],
      inputs: [kernel.version, String(statSync("/usr/sbin/sshd").mtimeMs)],
    },
    (made) => make(made, kernel),
  );
  return {
    kernel: join(folder, "vmlinuz"),
    initrd: join(folder, "initrd.gz"),
    disk: join(folder, "tiny.qcow2"),
    promptDisk: join(folder, "prompt.qcow2"),
    installerIso: join(folder, "installer.iso"),
    installerDisk: join(folder, "disk.raw.gz"),
    username: "root",
    password: GUEST_PASSWORD,
    privateKey: join(folder, "id_ed25519"),
  };
}

/** Options of the QEMU builder for a build from the tiny guest's disk, emulated. */
export function tinyGuestOptions(): { readonly [option: string]: unknown } {
  const { disk, username, privateKey } = tinyGuest();
  return {
    disk_image: true,
    iso_url: disk,
    iso_checksum: "none",
    skip_resize_disk: true,
    accelerator: "tcg",
    memory: 256,
    headless: true,
    vm_name: "tiny",
    output_directory: "out",
    ssh_username: username,
    ssh_private_key_file: privateKey,
    ssh_timeout: "5m",
    shutdown_command: "poweroff",
  };
}

// --- internal ---

function make(folder: string, kernel: { readonly version: string; readonly path: string }): void {
  const work = mkdtempSync(join(tmpdir(), "tiny-guest-"));
  try {
    const path = (name: string): string => join(folder, name);
    runTool("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path("id_ed25519")]);
    const root = join(work, "root");
    mkdirSync(root);
    writeRootTree(root, kernel.version, readFileSync(path("id_ed25519.pub"), "utf8").trim());
    writeFileSync(path("vmlinuz"), readFileSync(kernel.path));
    const names = runTool("find", ["."], undefined, root);
    const archive = runTool("cpio", ["-o", "-H", "newc", "--quiet", "-R", "0:0"], names, root);
    writeFileSync(path("initrd.gz"), runTool("gzip", ["-1"], archive));

    writeFileSync(join(root, "on-disk"), "");
    const entry = (name: string): string =>
      `LABEL ${name}\n  KERNEL vmlinuz\n  INITRD initrd.gz\n  APPEND console=tty0 console=ttyS0 quiet no_timer_check entry=${name}\n`;
    const entries = `${entry("linux")}${entry("other")}`;
    const disk: BootableDisk = {
      raw: join(work, "disk.raw"),
      kernel: path("vmlinuz"),
      initrd: path("initrd.gz"),
      configuration: `SERIAL 0\nDEFAULT linux\nPROMPT 0\n${entries}`,
      root,
      rootMiB: 96,
      work,
    };
    writeBootableDisk(disk);
    runTool("qemu-img", ["convert", "-c", "-O", "qcow2", disk.raw, path("tiny.qcow2")]);
    writeFileSync(path("disk.raw.gz"), runTool("gzip", ["-1", "-c", disk.raw]));
    configureBootLoader({ ...disk, configuration: `SERIAL 0\nDEFAULT linux\nPROMPT 1\nTIMEOUT 0\n${entries}` });
    runTool("qemu-img", ["convert", "-c", "-O", "qcow2", disk.raw, path("prompt.qcow2")]);
    writeInstaller({ iso: path("installer.iso"), kernel: path("vmlinuz"), initrd: path("initrd.gz"), work });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
