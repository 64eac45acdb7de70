// A tiny virtual machine for tests: boots to SSH in seconds, also without KVM. Made once, kept in a cache.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cloudKernel, GUEST_PASSWORD, writeRootTree } from "./root-tree.ts";

/** What tests need to boot it and get in. All are paths of files that nobody may change. */
export interface TinyGuest {
  readonly kernel: string;
  readonly initrd: string;
  /** A qcow2 disk that boots by itself and keeps what is written. */
  readonly disk: string;
  /** The same disk with a boot loader that waits at its prompt `boot:` until `linux` or `other`, with kernel arguments, is typed. */
  readonly promptDisk: string;
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
] as const;

/** Makes the guest, or finds it in the cache. Takes about ten seconds the first time. */
export function tinyGuest(): TinyGuest {
  const kernel = cloudKernel();
  const sources = ["root-tree.ts", "tiny-guest.ts"].map((name) => readFileSync(join(dirname(fileURLToPath(import.meta.url)), name)));
  const key = createHash("sha256")
    .update(kernel.version)
    .update(String(statSync("/usr/sbin/sshd").mtimeMs));
  for (const source of sources) key.update(source);
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "tspack-lab");
  const folder = join(cache, `tiny-guest-${key.digest("hex").slice(0, 12)}`);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const made = mkdtempSync(join(cache, "making-"));
    make(made, kernel);
    try {
      renameSync(made, folder);
    } catch (error) {
      // Another test was quicker.
      if (!existsSync(folder)) throw error;
      rmSync(made, { recursive: true });
    }
  }
  return {
    kernel: join(folder, "vmlinuz"),
    initrd: join(folder, "initrd.gz"),
    disk: join(folder, "tiny.qcow2"),
    promptDisk: join(folder, "prompt.qcow2"),
    username: "root",
    password: GUEST_PASSWORD,
    privateKey: join(folder, "id_ed25519"),
  };
}

// --- internal ---

const bootSectors = 65_536;
const firstSector = 2_048;

function make(folder: string, kernel: { readonly version: string; readonly path: string }): void {
  const work = mkdtempSync(join(tmpdir(), "tiny-guest-"));
  try {
    const path = (name: string): string => join(folder, name);
    const run = (program: string, args: readonly string[], input?: string | Buffer, cwd?: string): Buffer =>
      execFileSync(program, args, {
        input,
        cwd,
        stdio: ["pipe", "pipe", "pipe"],
        maxBuffer: 512 * 1024 * 1024,
        env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
      });
    run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path("id_ed25519")]);
    const root = join(work, "root");
    mkdirSync(root);
    writeRootTree(root, kernel.version, readFileSync(path("id_ed25519.pub"), "utf8").trim());
    writeFileSync(path("vmlinuz"), readFileSync(kernel.path));
    const names = run("find", ["."], undefined, root);
    const archive = run("cpio", ["-o", "-H", "newc", "--quiet", "-R", "0:0"], names, root);
    writeFileSync(path("initrd.gz"), run("gzip", ["-1"], archive));

    writeFileSync(join(root, "on-disk"), "");
    const raw = join(work, "disk.raw");
    writeFileSync(raw, "");
    truncateSync(raw, 129 * 1024 * 1024);
    run("sfdisk", ["-q", raw], `label: dos\n${firstSector},${bootSectors},6,*\n,,83\n`);
    const mbr = readFileSync("/usr/lib/syslinux/mbr/mbr.bin");
    run("dd", [`of=${raw}`, "bs=440", "count=1", "conv=notrunc", "status=none"], mbr);
    run("mkfs.vfat", ["-F", "16", "-h", String(firstSector), "--offset", String(firstSector), raw, "32768"]);
    const entry = (name: string): string =>
      `LABEL ${name}\n  KERNEL vmlinuz\n  INITRD initrd.gz\n  APPEND console=tty0 console=ttyS0 quiet entry=${name}\n`;
    const entries = `${entry("linux")}${entry("other")}`;
    const install = (configuration: string): void => {
      writeFileSync(join(work, "syslinux.cfg"), configuration);
      run("mcopy", ["-o", "-i", `${raw}@@1M`, path("vmlinuz"), path("initrd.gz"), join(work, "syslinux.cfg"), "::"]);
      run("syslinux", ["--offset", String(firstSector * 512), "--install", raw]);
    };
    install(`SERIAL 0\nDEFAULT linux\nPROMPT 0\n${entries}`);
    run("mkfs.ext4", ["-q", "-F", "-E", `offset=${(firstSector + bootSectors) * 512}`, "-d", root, raw, "98304k"]);
    run("qemu-img", ["convert", "-c", "-O", "qcow2", raw, path("tiny.qcow2")]);
    install(`SERIAL 0\nDEFAULT linux\nPROMPT 1\nTIMEOUT 0\n${entries}`);
    run("qemu-img", ["convert", "-c", "-O", "qcow2", raw, path("prompt.qcow2")]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
