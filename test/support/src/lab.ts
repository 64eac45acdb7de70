import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findDebianGuest } from "./guest/debian-guest.ts";

/** Programs that tests drive for real, and the Debian package that has each. */
const packages = {
  sshd: "openssh-server",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
  "ssh-agent": "openssh-client",
  podman: "podman",
  skopeo: "skopeo",
  "mkfs.ext4": "e2fsprogs",
  debugfs: "e2fsprogs",
  e2fsck: "e2fsprogs",
  script: "bsdutils",
  unshare: "util-linux",
  mmdebstrap: "mmdebstrap",
  packer: "packer",
  danted: "dante-server",
  zstd: "zstd",
  xz: "xz-utils",
  lz4: "lz4",
  bzip2: "bzip2",
  unzip: "unzip",
  tmux: "tmux",
  go: "golang-go",
  "qemu-system-x86_64": "qemu-system-x86",
  "qemu-system-aarch64": "qemu-system-arm",
  "qemu-img": "qemu-utils",
  "qemu-ga": "qemu-guest-agent",
  swtpm: "swtpm",
  setpriv: "util-linux",
  xorriso: "xorriso",
  isoinfo: "genisoimage",
  genisoimage: "genisoimage",
  mcopy: "mtools",
  "fsck.fat": "dosfstools",
  gpg: "gnupg",
  busybox: "busybox-static",
  syslinux: "syslinux",
  sfdisk: "fdisk",
  cpio: "cpio",
  "mkfs.vfat": "dosfstools",
  openssl: "openssl",
  ip: "iproute2",
  git: "git",
  hg: "mercurial",
} as const;

export type LabProgram = keyof typeof packages;

/** The absolute path of a program of the lab, or undefined. Looks into the sbin folders too. */
export function findLabProgram(name: LabProgram): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/local/sbin"];
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

type Register = (name: string, body: () => Promise<void> | void) => void;
interface Suite extends Register {
  skip: Register;
}

/**
 * What a test needs: programs by name, `"root"` for root on Linux, `"mounts"` for root that may mount in a namespace of its own
 * (not so in an unprivileged container), `"user-namespaces"` for that right as an ordinary user, `"debian-guest"` for the machine that
 * `npm run lab` makes, `"arm-firmware"` for EFI of 64-bit ARM machines, `"qemu-block-extra"` for QEMU's drivers for the network,
 * `"bridges"` for root that may make bridges in networks of its own, `"python3-winrm"` for that module of Debian's own Python.
 */
export type LabNeed =
  | LabProgram
  | "root"
  | "linux"
  | "mounts"
  | "bridges"
  | "user-namespaces"
  | "debian-guest"
  | "arm-firmware"
  | "qemu-block-extra"
  | "python3-winrm";

/**
 * Registers tests that need real programs: `const labTest = lab(test, "sshd")`. Where one is missing the test is skipped and
 * the reason printed; with TSPACK_REQUIRE_LAB=1 it fails instead, but for a need that TSPACK_LAB_WITHOUT names.
 */
export function lab(test: Suite, ...needs: readonly LabNeed[]): Register {
  const missing = needs.map(missingNeed).filter((reason) => reason !== undefined);
  if (missing.length === 0) return test;
  const reason = missing.join("; ");
  return (name, body) => {
    if (process.env.TSPACK_REQUIRE_LAB === "1" && !needs.some((need) => need === process.env.TSPACK_LAB_WITHOUT)) {
      test(name, () => {
        throw new Error(`TSPACK_REQUIRE_LAB is set, but ${reason}`);
      });
      return;
    }
    console.log(`SKIP ${name}: ${reason}`);
    test.skip(name, body);
  };
}

function missingNeed(need: LabNeed): string | undefined {
  if (need === "linux") return process.platform === "linux" ? undefined : "this is not Linux";
  if (need === "root") return process.platform === "linux" && process.getuid?.() === 0 ? undefined : "not running as root on Linux";
  if (need === "mounts" || need === "user-namespaces") return missingNamespaces(need);
  if (need === "bridges") return missingBridges();
  if (need === "debian-guest") return findDebianGuest() === undefined ? "the Debian guest has not been made (npm run lab)" : undefined;
  if (need === "arm-firmware")
    return existsSync("/usr/share/AAVMF/AAVMF_CODE.fd") ? undefined : "there is no EFI for ARM (Debian package qemu-efi-aarch64)";
  if (need === "qemu-block-extra") {
    const folders = [process.env.QEMU_MODULE_DIR ?? "", "/usr/lib/x86_64-linux-gnu/qemu", "/usr/lib/aarch64-linux-gnu/qemu"];
    const isThere = folders.some((folder) => existsSync(join(folder, "block-curl.so")));
    return isThere ? undefined : "QEMU has no drivers for the network (Debian package qemu-block-extra)";
  }
  if (need === "python3-winrm") {
    return existsSync("/usr/lib/python3/dist-packages/winrm")
      ? undefined
      : "Python's WinRM client is missing (Debian package python3-winrm)";
  }
  if (need === process.env.TSPACK_LAB_WITHOUT) return `it was told to do without ${need}`;
  return findLabProgram(need) === undefined ? `${need} is missing (Debian package ${packages[need]})` : undefined;
}

function missingNamespaces(need: "mounts" | "user-namespaces"): string | undefined {
  const missing = need === "mounts" ? missingNeed("root") : missingNeed("linux");
  if (missing !== undefined) return missing;
  const user = need === "mounts" ? [] : ["--user", "--map-root-user"];
  const { status } = spawnSync("unshare", [...user, "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], {
    stdio: "ignore",
    // Root need not be restricted where ordinary users are.
    ...(need === "user-namespaces" && process.getuid?.() === 0 ? { uid: 61_234, gid: 61_234 } : {}),
  });
  return status === 0 ? undefined : `this system does not allow ${need === "mounts" ? "mounts in a namespace" : "user namespaces"}`;
}

function missingBridges(): string | undefined {
  const missing = missingNeed("mounts") ?? missingNeed("ip");
  if (missing !== undefined) return missing;
  const { status } = spawnSync("unshare", ["--net", "ip", "link", "add", "br0", "type", "bridge"], { stdio: "ignore" });
  return status === 0 && existsSync("/dev/net/tun") ? undefined : "this system does not allow bridges, or has no /dev/net/tun";
}
