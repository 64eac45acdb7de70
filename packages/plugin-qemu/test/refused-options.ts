// Options of machines that are refused.
import type { Options } from "./build-kit.ts";

/** What is given beside the least that a machine needs, and the beginnings of what is said about it, in order. */
export type Case = readonly [name: string, options: Options, ...expected: readonly string[]];

/** A machine that is no PC. */
export const arm: Options = { qemu_binary: "qemu-system-aarch64" };

/** A further ISO of a machine. */
export const further = { iso_url: "https://example.org/b.iso", iso_checksum: "0".repeat(64) };

/** Each is refused, in these words. */
export const refusals: readonly Case[] = [
  ["no image", { iso_url: "" }, "error ?: One of iso_url and iso_urls must be given."],
  [
    "no checksum",
    { iso_checksum: "" },
    'error ?: A checksum must be given: set iso_checksum. Write it like "sha256:HEX", or "none" to go without one.',
  ],
  ["no user", { ssh_username: "" }, "error ?: SSH needs the name of a user to log in as: set ssh_username."],
  [
    "a name that is a path",
    { vm_name: "images/web" },
    'error vm_name: "vm_name" is "images/web", and is the name of a file too: no slash can be in it. output_directory says where the file lies.',
  ],
  [
    "a size that is none",
    { disk_size: "40 GB" },
    'error disk_size: "disk_size" is "40 GB", which is no size of a disk. Write it like "40G", "512M" or "40960" (MiB).',
  ],
  [
    "a further size that is none",
    { disk_additional_size: ["1G", "big"] },
    'error disk_additional_size: "disk_additional_size" holds "big", which is no size of a disk.',
  ],
  ["an unknown format", { format: "vmdk" }, 'error format: The argument "format" must be one of "qcow2", "raw".'],
  [
    "an unknown accelerator",
    { accelerator: "fast" },
    'error accelerator: The argument "accelerator" must be one of "none", "kvm", "tcg", "xen", "hax", "hvf", "whpx".',
  ],
  [
    "an unknown disk interface",
    { disk_interface: "nvme" },
    'error disk_interface: The argument "disk_interface" must be one of "ide", "sata", "scsi", "sd", "virtio", "virtio-scsi".',
  ],
  [
    "an unknown cache",
    { disk_cache: "fast" },
    'error disk_cache: The argument "disk_cache" must be one of "writethrough", "writeback", "none", "unsafe", "directsync".',
  ],
  ["an unknown discard", { disk_discard: "on" }, 'error disk_discard: The argument "disk_discard" must be one of "unmap", "ignore".'],
  [
    "an unknown treatment of zeroes",
    { disk_detect_zeroes: "yes" },
    'error disk_detect_zeroes: The argument "disk_detect_zeroes" must be one of "unmap", "on", "off".',
  ],
  [
    "backing without an image",
    { use_backing_file: true },
    'error use_backing_file: "use_backing_file" needs disk_image and the format qcow2.',
  ],
  [
    "backing with raw disks",
    { use_backing_file: true, disk_image: true, format: "raw" },
    'error use_backing_file: "use_backing_file" needs disk_image and the format qcow2.',
  ],
  [
    "no resizing without an image",
    { skip_resize_disk: true },
    'error skip_resize_disk: "skip_resize_disk" needs disk_image: only a disk image can be left at its size.',
  ],
  [
    "negative counts of processors, all at once",
    { cpus: -1, sockets: -1, cores: -1, threads: -1 },
    ...["cpus", "sockets", "cores", "threads"].map((name) => `error ${name}: The argument "${name}" must be at least 0.`),
  ],
  [
    "an output directory that exists",
    { output_directory: "there" },
    'error output_directory: "output_directory" is "there", which exists already. Remove it, choose another one, or use -force',
  ],
  ["a low VNC port", { vnc_port_min: 5800 }, 'error vnc_port_min: "vnc_port_min" is 5800, but QEMU counts VNC ports from 5900.'],
  ["a high VNC port", { vnc_port_max: 70_000 }, 'error vnc_port_max: "vnc_port_max" is 70000, which is no TCP port.'],
  [
    "VNC ports in disorder",
    { vnc_port_min: 5950, vnc_port_max: 5940 },
    'error vnc_port_max: "vnc_port_max" (5940) is below vnc_port_min (5950).',
  ],
  ["host ports in disorder", { host_port_min: 5000 }, 'error host_port_max: "host_port_max" (4444) is below host_port_min (5000).'],
  [
    "a lowest host port of 0, which means the usual one",
    { host_port_min: 0, host_port_max: 1000 },
    'error host_port_max: "host_port_max" (1000) is below host_port_min (2222).',
  ],
  ["a negative host port", { host_port_min: -1 }, 'error host_port_min: "host_port_min" is -1, which is no TCP port.'],
  [
    "a boot command and boot steps",
    { boot_command: ["a"], boot_steps: [["b"]] },
    "error ?: Only one of boot_command and boot_steps may be given.",
  ],
  [
    "a boot command that cannot be typed",
    { boot_command: ["a"], disable_vnc: true },
    "error ?: Nothing can be typed without VNC, but boot_command is given.",
  ],
  [
    "boot steps that cannot be typed",
    { boot_steps: [["b"]], disable_vnc: true },
    "error ?: Nothing can be typed without VNC, but boot_steps is given.",
  ],
  [
    "a mistake in a boot command, with its place",
    { boot_command: ["<enter>", "ab<waitStill>"] },
    'error boot_command: In "boot_command[1]", at character 3 ("<waitStill>"): ',
  ],
  [
    "a mistake in a boot step, with its place",
    { boot_steps: [["a"], ["<waitText>", "waiting"]] },
    'error boot_steps: In "boot_steps[1][0]", at character 1 ("<waitText>"): one text in quotes has to come first.',
  ],
  [
    "a value that boot commands do not have",
    { boot_command: ["{{ .HTTPport }}"] },
    'error boot_command: The argument "boot_command[0]" cannot be rendered: there is no value .HTTPport. Did you mean "HTTPPort"?',
  ],
  ["an empty row", { qemuargs: [["-m", "1G"], []] }, 'error qemuargs: A row of "qemuargs" is empty.'],
  [
    "a value that qemuargs do not have",
    { qemuargs: [["-netdev", "hostfwd=tcp::{{ .SshHostPort }}-:22"]] },
    'error qemuargs: Word 2 of row 1 of "qemuargs" cannot be rendered: there is no value .SshHostPort. Did you mean "SSHHostPort"?',
  ],
  [
    "a long VNC password",
    { vnc_use_password: true, vnc_password: "123456789" },
    'error vnc_password: "vnc_password" is too long: VNC knows 8 characters at most.',
  ],
  [
    "a file for the CD that is missing",
    { cd_files: ["no-such-file"] },
    'error cd_files: "no-such-file" in "cd_files" cannot be read: it does not exist.',
  ],
  [
    "a file for the floppy that is missing",
    { floppy_files: ["no-such-file"] },
    'error floppy_files: "no-such-file" in "floppy_files" cannot be read: it does not exist.',
  ],
  [
    "two kinds of HTTP content",
    { http_directory: "there", http_content: { "/a": "b" } },
    "error ?: Only one of http_directory and http_content may be given.",
  ],
  [
    "SD cards, which PCs do not have",
    { disk_interface: "sd", cdrom_interface: "sd" },
    'error disk_interface: "disk_interface" is "sd", which machines of the type pc do not have: QEMU refuses it. Use "virtio" or "virtio-scsi", or',
    'error cdrom_interface: "cdrom_interface" is "sd", which machines of the type pc do not have: QEMU refuses it. Leave it out, or use',
  ],
  [
    "what only PCs have, on a machine of another processor",
    { ...arm, disk_interface: "ide", cdrom_interface: "ide", floppy_content: { a: "b" }, vtpm: true, tpm_device_type: "tpm-tis" },
    'error disk_interface: "disk_interface" is "ide", which machines of the type virt do not have: QEMU refuses it.',
    'error cdrom_interface: "cdrom_interface" is "ide", which machines of the type virt do not have: QEMU refuses it.',
    'error floppy_content: "floppy_content" is given, but machines of the type virt have no floppy drive. Put the files on a CD',
    'error tpm_device_type: "tpm_device_type" is "tpm-tis", which only PCs have. Leave it out: ARM machines get "tpm-tis-device".',
  ],
  [
    "further images, each with its place",
    {
      additional_iso_files: [
        { iso_url: "https://example.org/b.iso", iso_target_path: "b.iso" },
        { iso_url: "https://example.org/c.iso", iso_checksum: "sha256:abc", iso_target_path: "b.iso" },
        { iso_checksum: "0".repeat(64) },
      ],
    },
    "error additional_iso_files: A checksum must be given: set additional_iso_files[0].iso_checksum.",
    'error additional_iso_files: The argument "additional_iso_files[1].iso_checksum" is not acceptable: ',
    'error additional_iso_files: "additional_iso_files[1].iso_target_path" is "b.iso", where another image is downloaded to already.',
    "error additional_iso_files: In additional_iso_files[2] one of iso_url and iso_urls must be given.",
  ],
  [
    "more CDs than IDE has places for",
    { disk_interface: "ide", additional_iso_files: [further, further, further] },
    'error additional_iso_files: With "additional_iso_files" there are 5 CDs and disks to attach by IDE, which has 4 places here. Set cdrom_interface',
  ],
  [
    "a CD where the user's own is attached",
    { additional_iso_files: [further, further], qemuargs: [["-cdrom", "x.iso"]] },
    'error additional_iso_files: With "additional_iso_files" there are 3 CDs to attach by IDE, which has 2 places here. Set cdrom_interface',
  ],
  [
    "a wait for the serial console, which is the user's own",
    { boot_command: ['a<waitSerial "x">'], qemuargs: [["-serial", "mon:stdio"]] },
    'error boot_command: "boot_command" waits for a text on the serial console, which -serial takes away from the builder. Wait for it on the screen',
  ],
  [
    "the same in a step, with another switch",
    { boot_steps: [['<waitSerial "x">', "y"]], qemuargs_append: ["-nographic"] },
    'error boot_steps: "boot_steps" waits for a text on the serial console, which -nographic takes away from the builder.',
  ],
  ["a slip in a name", { disk_sizes: "1G" }, 'error disk_sizes: An argument named "disk_sizes" is not expected here.'],
  [
    "several problems at once",
    { disk_size: "x", use_backing_file: true, vnc_port_min: 1, cd_files: ["no-such-file"] },
    'error disk_size: "disk_size" is "x", which is no size of a disk.',
    'error use_backing_file: "use_backing_file" needs disk_image and the format qcow2.',
    'error vnc_port_min: "vnc_port_min" is 1, but QEMU counts VNC ports from 5900.',
    'error cd_files: "no-such-file" in "cd_files" cannot be read: it does not exist.',
  ],
];
