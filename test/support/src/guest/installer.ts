// A tiny operating system's installer on a CD: what a distribution's installer does in a quarter of an hour, in seconds.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "./bootable-disk.ts";

/** Writes the CD. `initrd` is the tiny guest's: the installer is added to it. */
export function writeInstaller({ iso, kernel, initrd, work }: { iso: string; kernel: string; initrd: string; work: string }): void {
  const added = join(work, "installer");
  mkdirSync(added);
  writeFileSync(join(added, "install"), installer);
  chmodSync(join(added, "install"), 0o755);
  const archive = runTool("cpio", ["-o", "-H", "newc", "--quiet", "-R", "0:0"], "install\n", added);

  const cd = join(work, "cd");
  mkdirSync(cd);
  copyFileSync(kernel, join(cd, "vmlinuz"));
  // The kernel unpacks archives that follow one another into the same tree.
  writeFileSync(join(cd, "initrd.gz"), Buffer.concat([readFileSync(initrd), runTool("gzip", ["-1"], archive)]));
  copyFileSync("/usr/lib/ISOLINUX/isolinux.bin", join(cd, "isolinux.bin"));
  copyFileSync("/usr/lib/syslinux/modules/bios/ldlinux.c32", join(cd, "ldlinux.c32"));
  writeFileSync(join(cd, "isolinux.cfg"), configuration);
  const bootable = ["-b", "isolinux.bin", "-c", "boot.cat", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"];
  runTool("genisoimage", ["-quiet", "-r", "-V", "TSINSTALL", ...bootable, "-o", iso, cd]);
}

// --- internal ---

const configuration = `PROMPT 1
TIMEOUT 0
LABEL install
  KERNEL vmlinuz
  INITRD initrd.gz
  APPEND console=tty0 console=ttyS0 quiet no_timer_check rdinit=/install
`;

/** The first process: reads the answers, which say DISK and HOSTNAME, writes the disk, and reboots. */
const installer = `#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
exec >/dev/console 2>&1
fail() {
  echo "the installer failed: $1"
  poweroff -f
}
/bin/load-modules
ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
answers=$(sed -n 's/.*answers=\\([^ ]*\\).*/\\1/p' /proc/cmdline)
echo "installing as $answers says"
wget -q -O /answers "$answers" || fail "no answers"
. /answers
wget -q -O - "$DISK" | gunzip >/dev/vda || fail "no disk"
sync
blockdev --rereadpt /dev/vda || fail "no partitions"
mount -t ext4 /dev/vda2 /mnt || fail "no root"
echo "$HOSTNAME" >/mnt/etc/hostname
umount /mnt
sync
echo "installed"
reboot -f
`;
