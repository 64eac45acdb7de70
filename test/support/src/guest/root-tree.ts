// The files of a tiny Linux guest, from what Debian packages have put on this machine: a cloud kernel's modules, busybox, OpenSSH.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Password of root. */
export const GUEST_PASSWORD = "tspack-guest";

/** What crypt(3) makes of it: `openssl passwd -6`. */
const passwordHash = "$6$tspacktests$kTFYam4E/gCDRsoILcfOJFhnpcuQFr0dHsKg4DrksnonGIg.Fdb/2plCG9kiYoOUDIJK2hfrAdDIhzVhXUWjd0";

/** Modules that every guest loads, in an order in which each finds what it needs. */
const modules = ["virtio_pci", "virtio_net", "virtio_blk"];
/** Modules for CDs, loaded by `/bin/load-cd`. */
const cdModules = ["ata_piix", "virtio_scsi", "sr_mod", "isofs"];

const programs = ["/usr/sbin/sshd", "/usr/lib/openssh/sftp-server", "/usr/bin/scp"];

/** Writes the tree into an empty folder. `publicKey` may log in as root. */
export function writeRootTree(root: string, kernelVersion: string, publicKey: string): void {
  for (const folder of ["bin", "dev", "etc/ssh", "mnt", "proc", "root/.ssh", "run/sshd", "sys", "tmp", "var/empty", "lib/modules"]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  copyFileSync("/bin/busybox", join(root, "bin/busybox"));
  for (const applet of execFileSync("/bin/busybox", ["--list"], { encoding: "utf8" }).trim().split("\n")) {
    if (applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
  }
  for (const folder of ["sbin", "usr/bin", "usr/sbin"]) {
    mkdirSync(dirname(join(root, folder)), { recursive: true });
    symlinkSync(folder.startsWith("usr") ? "../bin" : "bin", join(root, folder));
  }
  for (const program of programs) copyWithLibraries(root, program);
  const load = (names: readonly string[]): string => names.flatMap((name) => copyModule(root, kernelVersion, name)).join("\n");
  const write = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), mode);
  };
  write("init", init, 0o755);
  write("bin/load-modules", `#!/bin/sh\n${load(modules)}\n`, 0o755);
  write("bin/load-cd", loadCd.replace("@MODULES@", load(cdModules)), 0o755);
  write("etc/inittab", "::sysinit:/bin/true\nttyS0::respawn:/bin/getty -L ttyS0 115200 vt100\n::ctrlaltdel:/bin/poweroff\n");
  write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nsshd:x:74:74:sshd:/var/empty:/bin/false\n");
  write("etc/group", "root:x:0:\nsshd:x:74:\ntty:x:5:\n");
  write("etc/shadow", `root:${passwordHash}:19000:0:99999:7:::\n`, 0o600);
  write("etc/hostname", "guest\n");
  write("etc/profile", "export PATH=/bin\n");
  write("root/.ssh/authorized_keys", `${publicKey}\n`, 0o600);
  write("etc/ssh/sshd_config", sshdConfig, 0o600);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "guest", "-f", join(root, "etc/ssh/ssh_host_ed25519_key")]);
}

/** The kernel is still looking for drives when its modules are loaded, and which one it finds first is chance: QEMU adds an empty one. */
const loadCd = `#!/bin/sh
@MODULES@
mkdir -p /cd
tries=0
until mount -t iso9660 -o ro /dev/sr0 /cd 2>/dev/null || mount -t iso9660 -o ro /dev/sr1 /cd 2>/dev/null; do
  [ $tries = 200 ] && exit 1
  sleep 0.1
  tries=$((tries + 1))
done
`;

const sshdConfig = `HostKey /etc/ssh/ssh_host_ed25519_key
UsePAM no
UseDNS no
StrictModes no
PermitRootLogin yes
AuthorizedKeysFile /root/.ssh/authorized_keys
Subsystem sftp /usr/lib/openssh/sftp-server
`;

/**
 * The first process: from the initramfs, and once more from the disk when there is one with a root on it. On the kernel's command line
 * `address=` (with the bits of the network), `gateway=` and `port=` (of SSH) change its network, and `fetch=` names a URL to keep in
 * /run/fetched: the kernel makes variables of them.
 */
const init = `#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
if [ ! -e /on-disk ]; then
  /bin/load-modules
  for disk in /dev/vda2 /dev/sda2; do
    if [ -b $disk ] && mount -t ext4 $disk /mnt 2>/dev/null; then
      if [ -e /mnt/on-disk ]; then
        umount /proc /sys
        mount --move /dev /mnt/dev
        exec switch_root /mnt /init
      fi
      umount /mnt
    fi
  done
fi
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd
hostname -F /etc/hostname
ip link set lo up
ip link set eth0 up
ip addr add \${address:-10.0.2.15/24} dev eth0
ip route add default via \${gateway:-10.0.2.2}
[ -z "$fetch" ] || wget -q -O /run/fetched "$fetch"
/usr/sbin/sshd -p "\${port:-22}" -E /run/sshd.log
echo "guest is up: $(cat /proc/cmdline)" >/dev/console
exec busybox init
`;

function copyWithLibraries(root: string, program: string): void {
  const copy = (path: string): void => {
    const target = join(root, path);
    if (existsSync(target)) return;
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(realpathSync(path), target);
    chmodSync(target, 0o755);
  };
  // The tree's sbin leads to bin.
  const target = join(root, program);
  mkdirSync(dirname(target), { recursive: true });
  if (!existsSync(target)) copy(program);
  for (const [, path = ""] of execFileSync("ldd", [program], { encoding: "utf8" }).matchAll(/(\/\S+) \(0x/g)) copy(path);
  // Loaded by name when a child of sshd ends its life as another user.
  for (const path of ["/lib/x86_64-linux-gnu/libnss_files.so.2", "/lib/x86_64-linux-gnu/libgcc_s.so.1"]) if (existsSync(path)) copy(path);
}

/** Copies a module and all it needs; returns the commands that load them. */
function copyModule(root: string, kernelVersion: string, name: string): string[] {
  const lines = execFileSync("modprobe", ["-S", kernelVersion, "--show-depends", name], { encoding: "utf8" }).trim().split("\n");
  return lines.flatMap((line) => {
    const path = /^insmod (\S+)/.exec(line)?.[1];
    if (path === undefined) return [];
    const file = basename(path);
    copyFileSync(path, join(root, "lib/modules", file));
    return [`insmod /lib/modules/${file} 2>/dev/null`];
  });
}

/** The newest cloud kernel on this machine. */
export function cloudKernel(): { readonly version: string; readonly path: string } {
  const version = readdirSync("/lib/modules")
    .filter((name) => name.includes("cloud"))
    .sort()
    .at(-1);
  if (version === undefined) throw new Error("there is no cloud kernel (Debian package linux-image-cloud-amd64)");
  return { version, path: `/boot/vmlinuz-${version}` };
}
