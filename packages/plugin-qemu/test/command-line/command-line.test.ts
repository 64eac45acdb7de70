import { test } from "uvu";
import * as assert from "uvu/assert";
import { cpuCount } from "../../src/command-line/cpu-count.ts";
import { defaultSwitches, networkCard } from "../../src/command-line/defaults.ts";
import { mergeSwitches } from "../../src/command-line/merge.ts";
import type { MachinePlan } from "../../src/command-line/plan.ts";
import { wordsOf } from "../../src/command-line/switches.ts";
import { qemuOptions } from "../../src/options.ts";

function planOf(options: { readonly [name: string]: unknown } = {}, changes: Partial<MachinePlan> = {}): MachinePlan {
  return {
    config: qemuOptions().parse({ iso_url: "a.iso", iso_checksum: "none", ssh_username: "root", ...options }),
    name: "machine",
    accelerator: "tcg",
    disks: ["out/machine"],
    cds: ["a.iso"],
    floppy: undefined,
    efi: undefined,
    forward: { hostPort: 2222, guestPort: 22 },
    vnc: { address: "127.0.0.1", first: 0, last: 99, hasPassword: false },
    hardwareAddress: undefined,
    tpmSocket: undefined,
    devices: undefined,
    qmpSocket: undefined,
    ...changes,
  };
}

function line(options: { readonly [name: string]: unknown } = {}, changes: Partial<MachinePlan> = {}): string {
  return wordsOf(defaultSwitches(planOf(options, changes))).join(" ");
}

test("the default command line, in its order", () => {
  assert.is(
    line(),
    "-name machine -machine type=pc,accel=tcg -m 512M -smp 1 -boot once=d -netdev user,id=user.0,hostfwd=tcp:127.0.0.1:2222-:22 " +
      "-drive file=out/machine,if=virtio,cache=writeback,discard=ignore,format=qcow2 -drive file=a.iso,media=cdrom " +
      "-device virtio-net,netdev=user.0 -vnc 127.0.0.1:0,to=99 -display gtk",
  );
});

const cases: readonly [name: string, options: { readonly [name: string]: unknown }, part: RegExp, changes?: Partial<MachinePlan>][] = [
  ["a disk image boots from its disk", { disk_image: true }, /-boot c /, { cds: [] }],
  ["memory below 10 is 512", { memory: 9 }, /-m 512M/],
  ["headless opens no window", { headless: true }, /-vnc 127\.0\.0\.1:0,to=99$/],
  ["display none leaves it to QEMU", { display: "none" }, /to=99$/],
  ["a display of the user's", { display: "sdl", use_default_display: true }, /-display sdl$/],
  ["the default display", { use_default_display: true }, /to=99$/],
  ["one VNC port", {}, /-vnc 127\.0\.0\.1:5 /, { vnc: { address: "127.0.0.1", first: 5, last: 5, hasPassword: false } }],
  ["a VNC password", {}, /to=9,password=on/, { vnc: { address: "::1", first: 5, last: 9, hasPassword: true } }],
  [
    "virtio-scsi disks share a controller",
    { disk_interface: "virtio-scsi" },
    /-device virtio-scsi-pci,id=scsi0 -device scsi-hd,bus=scsi0\.0,drive=drive0 -device scsi-hd,bus=scsi0\.0,drive=drive1 -device virtio-net.* -drive if=none,file=a,id=drive0,.* -drive if=none,file=b,id=drive1,/,
    { disks: ["a", "b"] },
  ],
  [
    "sata has a controller, which QEMU does not know by `if`",
    { disk_interface: "sata" },
    /-device ahci,id=ahci0 -device ide-hd,bus=ahci0\.0,drive=drive0/,
  ],
  [
    "a CD on virtio-scsi gets a controller and no device that a PC does not have",
    { cdrom_interface: "virtio-scsi" },
    /-device virtio-scsi-pci,id=scsi0 -device scsi-cd,bus=scsi0\.0,drive=cdrom0/,
  ],
  ["CDs count on behind disks of their bus", { cdrom_interface: "virtio" }, /file=a\.iso,if=virtio,index=1,id=cdrom0,media=cdrom/],
  ["CDs of another bus begin at 0", { cdrom_interface: "ide" }, /file=a\.iso,if=ide,index=0,id=cdrom0,media=cdrom/],
  ["zeroes are looked for when asked", { disk_detect_zeroes: "unmap" }, /format=qcow2,detect-zeroes=unmap/],
  ["an equals sign in the machine's name", {}, /^-name guest=a=b,,c /, { name: "a=b,c" }],
  ["a comma in a path", {}, /file=o,,ut\/x,if/, { disks: ["o,ut/x"] }],
  [
    "CDs on sata come behind the disks of such controllers",
    { cdrom_interface: "sata", disk_interface: "sata" },
    /-device ahci,id=ahci0 -device ide-hd,bus=ahci0\.0,drive=drive0 .*-device ahci,id=ahci1 -device ide-cd,bus=ahci1\.0,drive=cdrom0/,
  ],
  ["an empty display is QEMU's window", { display: "" }, /-display gtk$/],
  ["a processor and a card of the user's", { cpu_model: "max", vga: "std" }, /-cpu max -vga std /],
  ["a floppy", {}, /-fda f\.img /, { floppy: "f.img" }],
  ["a monitor of the user's", {}, /-qmp unix:m,server=on,wait=off /, { qmpSocket: "m" }],
  ["a firmware file", { firmware: "bios.bin" }, /-bios bios\.bin/],
  ["a firmware file as flash", { firmware: "f.fd", use_pflash: true }, /-drive if=pflash,format=raw,readonly=on,file=f\.fd/],
  [
    "EFI has two flash drives and no boot order",
    { efi_boot: true },
    /-smp 1 -netdev .*-drive if=pflash,unit=0,format=raw,readonly=on,file=c\.fd -drive if=pflash,unit=1,format=qcow2,file=v\.fd/,
    { efi: { code: { path: "c.fd", format: "raw" }, vars: { path: "v.fd", format: "qcow2" } } },
  ],
  ["a TPM", {}, /-chardev socket,id=vtpm,path=t -tpmdev emulator,id=tpm0,chardev=vtpm/, { tpmSocket: "t" }],
  [
    "a hardware address of the user's stays",
    { net_bridge: "br0", net_device: "e1000,mac=52:54:00:aa:bb:cc" },
    /-device e1000,mac=52:54:00:aa:bb:cc,netdev=user\.0 /,
    { hardwareAddress: "52:54:00:01:02:03" },
  ],
  [
    "machines on a bridge have addresses of their own",
    { net_bridge: "br0" },
    /-netdev bridge,id=user\.0,br=br0 .*virtio-net,netdev=user\.0,mac=52:54:00:01:02:03 /,
    { hardwareAddress: "52:54:00:01:02:03", forward: undefined },
  ],
  [
    "a difference to an empty text is none",
    { cpu_model: "", vga: "", firmware: "", cdrom_interface: "", net_bridge: "", display: "none", machine_type: "" },
    /^-name machine -machine type=pc,accel=tcg -m 512M -smp 1 -boot once=d -netdev user,/,
  ],
  [
    "PCs have no SCSI by themselves: it is a controller for disks and CDs",
    { disk_interface: "scsi", cdrom_interface: "scsi" },
    /-device virtio-scsi-pci,id=scsi0 -device scsi-hd,bus=scsi0\.0,drive=drive0 .*-device scsi-cd,bus=scsi0\.0,drive=cdrom0 -drive if=none,file=out\/machine,id=drive0,.* -drive file=a\.iso,if=none,id=cdrom0,media=cdrom/,
  ],
  [
    "more disks than a SATA controller has ports",
    { disk_interface: "sata" },
    /-device ahci,id=ahci0 -device ahci,id=ahci1 .*bus=ahci0\.5,drive=drive5 -device ide-hd,bus=ahci1\.0,drive=drive6/,
    { disks: ["a", "b", "c", "d", "e", "f", "g"] },
  ],
  [
    "the CD of files comes behind the medium",
    {},
    /-drive file=a\.iso,media=cdrom -drive file=b\.iso,media=cdrom/,
    { cds: ["a.iso", "b.iso"] },
  ],
  [
    "more CDs than a SATA controller has ports, behind the disk's controller",
    { disk_interface: "sata", cdrom_interface: "sata" },
    /-device ahci,id=ahci0 .*-device ahci,id=ahci1 -device ahci,id=ahci2 .*bus=ahci1\.5,drive=cdrom5 -device ide-cd,bus=ahci2\.0,drive=cdrom6/,
    { cds: ["a", "b", "c", "d", "e", "f", "g"] },
  ],
  [
    "units of IDE are counted through disks and CDs",
    { disk_interface: "ide", cdrom_interface: "ide" },
    /-drive file=b\.iso,if=ide,index=2,id=cdrom1,media=cdrom -drive file=c\.iso,if=ide,index=3,id=cdrom2,media=cdrom/,
    { cds: ["a.iso", "b.iso", "c.iso"] },
  ],
  ["accelerator none leaves it to QEMU", {}, /-machine type=pc -m/, { accelerator: "none" }],
];
for (const [name, options, part, changes] of cases) test(name, () => assert.match(line(options, changes), part));

const arm = { qemu_binary: "/opt/qemu-system-aarch64", headless: true };

test("a 64-bit ARM machine has what a PC has by itself, and no boot order", () => {
  assert.is(
    line(arm),
    "-name machine -machine type=virt,accel=tcg -m 512M -smp 1 -cpu cortex-a72 -netdev user,id=user.0,hostfwd=tcp:127.0.0.1:2222-:22 " +
      "-drive file=out/machine,if=virtio,cache=writeback,discard=ignore,format=qcow2 -drive file=a.iso,if=none,id=cdrom0,media=cdrom " +
      "-device virtio-net,netdev=user.0 -device virtio-scsi-pci,id=scsi0 -device scsi-cd,bus=scsi0.0,drive=cdrom0 " +
      "-device virtio-gpu-pci -device qemu-xhci -device usb-kbd -vnc 127.0.0.1:0,to=99",
  );
});

const others: readonly [name: string, options: { readonly [name: string]: unknown }, part: RegExp, changes?: Partial<MachinePlan>][] = [
  ["its own processor with KVM", arm, /-cpu host /, { accelerator: "kvm" }],
  [
    "a processor that suits every accelerator, when the user names one",
    { ...arm, qemuargs: [["-machine", "virt,accel=kvm"]] },
    /-cpu max /,
  ],
  ["no screen when told so", { ...arm, vga: "none" }, /drive=cdrom0 -device qemu-xhci /],
  ["the screen that it has", { ...arm, vga: "virtio" }, /^(?!.*-vga).*-device virtio-gpu-pci/],
  ["a TPM of its own kind", arm, /-device tpm-tis-device,tpmdev=tpm0/, { tpmSocket: "t" }],
  [
    "CDs as QEMU attaches them, when all devices are the user's",
    { ...arm, qemuargs: [["-device", "virtio-gpu-pci"]] },
    /-drive file=a\.iso,media=cdrom -device/,
  ],
  [
    "disks and CDs on one controller",
    { ...arm, disk_interface: "virtio-scsi" },
    /^(?!.*scsi1)(?!.*id=scsi0.*id=scsi0).*scsi-hd,bus=scsi0\.0/,
  ],
  [
    "no devices that this QEMU does not have",
    arm,
    /-drive file=a\.iso,media=cdrom -device virtio-net,netdev=user\.0 -vnc/,
    { devices: new Set(["virtio-net"]) },
  ],
  ["32-bit ARM: QEMU's processor", { ...arm, qemu_binary: "qemu-system-arm" }, /-machine type=virt,accel=tcg -m 512M -smp 1 -netdev/],
  ["a type with properties", { ...arm, machine_type: "virt,gic-version=max" }, /type=virt,gic-version=max,accel=tcg .*-device usb-kbd/],
  [
    "RISC-V",
    { qemu_binary: "qemu-system-riscv64" },
    /^-name machine -machine type=virt,accel=tcg -m 512M -smp 1 -netdev .*-device usb-kbd/,
  ],
  [
    "POWER",
    { qemu_binary: "qemu-system-ppc64" },
    /type=pseries,accel=tcg .*-boot once=d .*-drive file=a\.iso,media=cdrom -device virtio-net/,
  ],
  ["POWER: a TPM of its own kind", { qemu_binary: "qemu-system-ppc64" }, /-device tpm-spapr,tpmdev=tpm0/, { tpmSocket: "t" }],
  ["POWER: its own SCSI", { qemu_binary: "qemu-system-ppc64", disk_interface: "scsi" }, /-drive file=out\/machine,if=scsi,cache/],
  ["System z", { qemu_binary: "qemu-system-s390x" }, /-machine type=s390-ccw-virtio,accel=tcg -m 512M -smp 1 -netdev/],
  ["a processor without a usual type", { qemu_binary: "qemu-system-m68k" }, /-machine accel=tcg -m 512M -smp 1 -netdev/],
  ["a program of another name is for this host", { qemu_binary: "/usr/libexec/qemu-kvm", machine_type: "q35" }, /type=q35/],
];
for (const [name, options, part, changes] of others) test(`other machines: ${name}`, () => assert.match(line(options, changes), part));

/** The command line with rows of the user's. */
function mergedLine(
  rows: readonly (readonly string[])[],
  options: { readonly [name: string]: unknown } = {},
  append: readonly string[] = [],
): string {
  const plan = planOf({ ...options, qemuargs: rows, qemuargs_append: append });
  return wordsOf(mergeSwitches(defaultSwitches(plan), { rows, append, card: networkCard(plan) })).join(" ");
}

const rows: readonly [name: string, rows: readonly (readonly string[])[], words: RegExp, not?: RegExp][] = [
  ["a switch replaces all defaults of its name", [["-drive", "file=x"]], /-drive file=x/, /-drive file=out/],
  [
    "rows of one switch add up",
    [
      ["-drive", "a"],
      ["-drive", "b"],
    ],
    /-drive a -drive b/,
  ],
  ["words behind the switch are joined", [["-smp", "2,", "cores=2"]], /-smp 2,cores=2/, /-smp 1/],
  ["a new switch", [["-snapshot"]], /-snapshot$/],
  ["a bare row removes a default that needs a value", [["-boot"]], /-smp 1 -netdev/, /-boot/],
  ["devices of the user's keep the network card", [["-device", "x"]], /-device x -device virtio-net,netdev=user\.0/],
  [
    "a network card of the user's is the only one",
    [["-device", "virtio-net,netdev=n"]],
    /-device virtio-net,netdev=n/,
    /netdev=user\.0 -vnc/,
  ],
  ["a bare row and one with a value are one", [["-usb"], ["-usb", "x"]], /-usb x$/, /-usb -usb/],
  ["a row of empty words is a bare switch", [["-no-reboot", "", ""]], /-no-reboot$/],
  [
    "no network card is put back where the user's network has another name",
    [
      ["-netdev", "user,id=mine"],
      ["-device", "e1000,netdev=mine"],
    ],
    /-netdev user,id=mine .*-device e1000,netdev=mine -vnc/,
    /virtio-net/,
  ],
  ["a network that the user removes takes its card with it", [["-netdev"], ["-device", "x"]], /-device x -vnc/, /netdev/],
  ["devices that the user removes leave the network card", [["-device"]], /-device virtio-net,netdev=user\.0$/, /-device [^v]/],
  ["two dashes add", [["--drive", "x"]], /-drive file=out.* --drive x$/],
];
for (const [name, list, words, not] of rows) {
  test(`qemuargs: ${name}`, () => {
    const merged = mergedLine(list);
    assert.match(merged, words);
    if (not !== undefined) assert.not.match(merged, not);
  });
}

const withoutDrives: readonly [name: string, options: { readonly [name: string]: unknown }, append: readonly string[], words: RegExp][] = [
  [
    "their devices go",
    { disk_interface: "virtio-scsi", cdrom_interface: "virtio-scsi" },
    [],
    /-device virtio-scsi-pci,id=scsi0 -device virtio-net,netdev=user\.0 -drive file=mine -vnc/,
  ],
  ["they go on SATA, too", { disk_interface: "sata" }, [], /-device ahci,id=ahci0 -device virtio-net,netdev=user\.0 -drive file=mine -vnc/],
  ["they go on other machines, too", arm, [], /-device virtio-scsi-pci,id=scsi0 -device virtio-gpu-pci/],
  [
    "one that the user gives again by its name keeps its device",
    { disk_interface: "virtio-scsi" },
    ["-blockdev", "file,node-name=drive0,filename=x"],
    /-device scsi-hd,bus=scsi0\.0,drive=drive0/,
  ],
];
for (const [name, options, append, words] of withoutDrives) {
  test(`qemuargs: when drives are replaced, ${name}`, () => assert.match(mergedLine([["-drive", "file=mine"]], options, append), words));
}

const counts: readonly [options: string, value: string, warns: boolean][] = [
  ["0 0 0 0", "1", false],
  ["2 0 0 0", "2", false],
  ["0 2 2 0", "4,sockets=2,cores=2", false],
  ["8 2 2 0", "4,sockets=2,cores=2", true],
  ["4 2 2 1", "4,sockets=2,cores=2,threads=1", false],
  ["2 2 2 1", "4,sockets=2,cores=2,threads=1", true],
];
for (const [options, value, warns] of counts) {
  test(`processors ${options} are ${value}`, () => {
    const [cpus = 0, sockets = 0, cores = 0, threads = 0] = options.split(" ").map(Number);
    const count = cpuCount({ cpus, sockets, cores, threads });
    assert.is(count.value, value);
    assert.is(count.warning !== undefined, warns);
  });
}

test.run();
