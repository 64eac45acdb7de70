// A Debian machine for tests: systemd, OpenSSH, sudo and cloud-init on a disk with a boot loader, made of the packages that this machine's
// apt sources name. Made once by `npm run lab`, kept in a cache.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runTool, writeBootableDisk } from "./bootable-disk.ts";
import { cachedGuest, type GuestOrigin, guestFolder } from "./guest-cache.ts";

/**
 * The machine, as clouds have it: nobody can log in until a NoCloud seed (a CD labelled `cidata`) has named a user. Its disk has to be a
 * virtio disk. With two emulated processors it takes about half a minute from power on until the seeded user can log in.
 */
export interface DebianGuest {
  /** A qcow2 disk, which nobody may change. */
  readonly disk: string;
}

/** The machine, if it has been made. */
export function findDebianGuest(): DebianGuest | undefined {
  if (!existsSync("/etc/os-release")) return undefined;
  const disk = join(guestFolder(origin()), diskName);
  return existsSync(disk) ? { disk } : undefined;
}

/** Finds or makes the machine. Needs root and Debian's mirror; takes a minute or two the first time. */
export function makeDebianGuest(): DebianGuest {
  return { disk: join(cachedGuest(origin(), make), diskName) };
}

// --- internal ---

const diskName = "debian.qcow2";

const packages = [
  ...["linux-image-cloud-amd64", "initramfs-tools", "zstd", "systemd-sysv", "dbus", "udev"],
  ...["openssh-server", "sudo", "iproute2", "netbase", "libnss-myhostname", "cloud-init", "cloud-guest-utils"],
];

/** Services that only take time. */
const masked = [
  ...["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer"],
  ...["e2scrub_reap.service", "systemd-networkd-wait-online.service"],
];

/** Files that the packages find when they are installed. The modules are those of a QEMU machine with virtio. */
const files = {
  "etc/initramfs-tools/conf.d/lab": "MODULES=list\nCOMPRESS=zstd\n",
  "usr/share/initramfs-tools/modules.d/lab": "virtio_pci\nvirtio_blk\nvirtio_net\next4\n",
  "etc/cloud/cloud.cfg.d/90-lab.cfg": "datasource_list: [ NoCloud, None ]\nssh_genkeytypes: [ ed25519 ]\nlocale: false\n",
  "etc/fstab": "/dev/vda2 / ext4 defaults 0 1\n",
};

const bootLoader = `SERIAL 0
DEFAULT linux
PROMPT 0
LABEL linux
  KERNEL vmlinuz
  INITRD initrd.gz
  APPEND root=/dev/vda2 rw console=tty0 console=ttyS0 quiet no_timer_check
`;

function origin(): GuestOrigin {
  const release = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "";
  return {
    name: "debian-guest",
    sources: ["debian-guest.ts", "bootable-disk.ts"],
    inputs: [release, ...aptSources().map((path) => readFileSync(path, "utf8"))],
  };
}

/** Where this machine gets Debian from; other people's packages are not part of it. */
function aptSources(): string[] {
  return ["/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources"].filter(
    (path) => existsSync(path) && /^\s*(deb\s|URIs:)/m.test(readFileSync(path, "utf8")),
  );
}

function make(folder: string): void {
  const work = mkdtempSync(join(tmpdir(), "debian-guest-"));
  try {
    const root = join(work, "root");
    install(root, work);
    makeAnonymous(root);
    const boot = (prefix: string): string =>
      join(root, "boot", readdirSync(join(root, "boot")).find((name) => name.startsWith(prefix)) ?? prefix);
    const raw = join(work, "disk.raw");
    writeBootableDisk({
      raw,
      kernel: boot("vmlinuz-"),
      initrd: boot("initrd.img-"),
      configuration: bootLoader,
      root,
      rootMiB: 1_536,
      work,
    });
    runTool("qemu-img", ["convert", "-c", "-W", "-m", "4", "-O", "qcow2", "-o", "compression_type=zstd", raw, join(folder, diskName)]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Installs Debian into a new folder. */
function install(root: string, work: string): void {
  const before = join(work, "before");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(before, path)), { recursive: true });
    writeFileSync(join(before, path), content);
  }
  const units = join(before, "etc/systemd/system");
  mkdirSync(join(units, "multi-user.target.wants"), { recursive: true });
  for (const name of masked) symlinkSync("/dev/null", join(units, name));
  symlinkSync("/lib/systemd/system/systemd-networkd.service", join(units, "multi-user.target.wants/systemd-networkd.service"));

  const release = origin().inputs[0] ?? "";
  const proxies = runTool("apt-config", ["dump", "--format", "%f %v%n", "Acquire::http::Proxy", "Acquire::https::Proxy"])
    .toString()
    .split("\n")
    .flatMap((line) => {
      const [name, value = ""] = line.trim().split(" ");
      return name === undefined || value === "" ? [] : [`--aptopt=${name} "${value}"`];
    });
  const without = ["doc", "man", "locale"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  runTool("mmdebstrap", [
    ...["--mode=root", "--variant=minbase", ...without, ...proxies],
    `--include=${packages.join(",")}`,
    `--essential-hook=sync-in ${before} /`,
    ...[release, root, ...aptSources()],
  ]);
}

/** Removes what each machine has to have of its own. */
function makeAnonymous(root: string): void {
  writeFileSync(join(root, "etc/machine-id"), "");
  writeFileSync(join(root, "etc/hostname"), "debian\n");
  rmSync(join(root, "etc/resolv.conf"), { force: true });
  for (const name of readdirSync(join(root, "etc/ssh"))) if (name.startsWith("ssh_host_")) rmSync(join(root, "etc/ssh", name));
}
