import { tinyGuest, tmp } from "@tspack/test-support";
import { buildKit, sectorConfig, inGuest } from "./build-kit.ts";
const folder = tmp();
const kit = buildKit(folder);
const guest = tinyGuest();
await kit.builder("qemu", sectorConfig(folder, {}, { communicator: "ssh", ssh_username: "root", ssh_password: guest.password, memory: 384, shutdown_command: "poweroff", efi_boot: true,
 cd_content: { "meta/user-data": "from the CD" }, qemuargs: [["-kernel", guest.kernel], ["-initrd", guest.initrd], ["-append", "console=ttyS0 quiet"]] })).run({ provisioners: [async (c) => {
 console.log(await inGuest(c, "for m in $(sed -n 's/^insmod \\([^ ]*\\) .*/\\1/p' /bin/load-cd); do insmod $m; done 2>&1; sleep 2; ls -la /dev/sr* 2>&1; dmesg | tail -25; lsmod | head -20; mkdir -p /cd; mount -t iso9660 -o ro /dev/sr0 /cd 2>&1;  mount -t iso9660 -o ro /dev/sr1 /cd 2>&1; find /cd; true"));
 }]});
await kit.close();
