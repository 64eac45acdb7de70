import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { testPlugin } from "@tspack/core/sdk/testing";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { plugin } from "../src/plugin.ts";

type Options = { readonly [option: string]: unknown };

const folder = tmp();
mkdirSync(join(folder, "there"));
// Without QEMU, what else this host has plays no part.
const environment = { PATH: "" };
const kit = testPlugin(plugin, { workingDirectory: folder, environment });
const forced = testPlugin(plugin, { workingDirectory: folder, environment, packer: { packer_force: true } });
test.after(async () => {
  await kit.close();
  await forced.close();
});

const least: Options = {
  iso_url: "https://example.org/a.iso",
  iso_checksum: `sha256:${"0".repeat(64)}`,
  ssh_username: "root",
  output_directory: "out",
};

/** What the user reads, each as `error`, the option that it stands at, and the text. */
async function problems(options: Options, used = kit, unknown: readonly string[] = []): Promise<string[]> {
  const { diagnostics } = await used.builder("qemu", { ...least, ...options }).prepare({ unknown });
  return diagnostics.map(({ severity, path, detail, hint }) => `${severity} ${path?.[0] ?? ""}: ${[detail, hint].join(" ").trim()}`);
}

/** Each problem has to begin as it is expected. Of messages that the SDK makes, the option is not compared: it is `?` there. */
function assertProblems(actual: readonly string[], expected: readonly string[]): void {
  const begins = actual.map((text, index) => {
    const wanted = expected[index] ?? "";
    const comparable = / \?: /.test(wanted) ? text.replace(/^(\w+) \w*: /, "$1 ?: ") : text;
    return comparable.startsWith(wanted) && wanted !== "" ? wanted : comparable;
  });
  assert.equal(begins, expected);
}

test("an ISO location with a checksum, and a user, are enough", async () => {
  assert.equal(await problems({}), []);
});

const arm: Options = { qemu_binary: "qemu-system-aarch64" };

const further = { iso_url: "https://example.org/b.iso", iso_checksum: "0".repeat(64) };

const refusals: readonly [name: string, options: Options, ...expected: readonly string[]][] = [
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
for (const [name, options, ...expected] of refusals) {
  test(`refused: ${name}`, async () => assertProblems(await problems(options), expected));
}

const doubts: readonly [name: string, options: Options, ...expected: readonly string[]][] = [
  [
    "more processors than their layout has",
    { cpus: 8, sockets: 2, cores: 2 },
    'warning cpus: "cpus" is 8, but sockets, cores and threads make 4: the machine gets 4.',
  ],
  [
    "fewer processors than their layout has, which QEMU refuses",
    { cpus: 2, sockets: 2, cores: 2 },
    'warning cpus: "cpus" is 2, but sockets, cores and threads make 4, and QEMU takes no number that differs: the machine gets 4.',
  ],
  [
    "what only other builders use",
    { http_interface: "eth0" },
    "warning http_interface: The argument http_interface does nothing with QEMU, here as in Packer.",
  ],
  [
    "an image that is not there yet",
    { iso_url: "none.iso" },
    'warning iso_url: The argument "iso_url" names "none.iso", which does not exist. Unless something makes it, the build fails when it needs it.',
  ],
  ["run_once", { run_once: true }, "warning run_once: The argument run_once does nothing, here as in Packer."],
  ["flash without firmware", { use_pflash: true }, "warning use_pflash: The argument use_pflash does nothing without firmware."],
  [
    "a further size that means bytes",
    { disk_additional_size: ["1024"] },
    'warning disk_additional_size: "disk_additional_size" holds "1024", which means bytes, as in Packer. Write "1024M" for MiB.',
  ],
  [
    "old names of the host ports",
    { ssh_host_port_min: 3000, ssh_host_port_max: 3001 },
    "warning ssh_host_port_min: ssh_host_port_min is the old name of host_port_min.",
    "warning ssh_host_port_max: ssh_host_port_max is the old name of host_port_max.",
  ],
  [
    "a password that nobody asks for",
    { vnc_password: "secret" },
    "warning vnc_password: The argument vnc_password does nothing without vnc_use_password.",
  ],
  [
    "devices that rows of the user's take away",
    { vtpm: true, disk_interface: "sata", qemuargs: [["-device", "virtio-rng-pci"]] },
    'warning vtpm: "vtpm" is true, but the -device rows of qemuargs take the TPM away. Add a row ["-device", "tpm-tis,tpmdev=tpm0"]',
    'warning disk_interface: "disk_interface" is "sata", but the -device rows of qemuargs take the disk\'s device away. Use qemuargs_append',
  ],
  [
    "firmware that rows of the user's take away",
    { efi_boot: true, qemuargs: [["-drive", "file=a"]] },
    "warning efi_boot: The argument efi_boot is given, but the -drive rows of qemuargs take the firmware's drives away. Use qemuargs_append",
  ],
  [
    "further CDs that rows of the user's take away",
    { additional_iso_files: [further], qemuargs: [["-drive", "file=a"]] },
    'warning additional_iso_files: "additional_iso_files" is given, but the -drive rows of qemuargs take its CDs away. Use qemuargs_append for drives',
  ],
  [
    "further CDs whose devices rows of the user's take away",
    { cdrom_interface: "sata", additional_iso_files: [further], qemuargs: [["-device", "virtio-rng-pci"]] },
    'warning additional_iso_files: "additional_iso_files" is given, but the -device rows of qemuargs take its CDs away. Use qemuargs_append for devices',
  ],
  [
    "further disks that are to be compacted when nothing is",
    { compact_additional_disks: true, format: "raw" },
    "warning compact_additional_disks: The argument compact_additional_disks does nothing where the main disk is not rewritten either.",
  ],
  [
    "a TPM's options without a TPM",
    { use_tpm1: true, tpm_device_type: "tpm-tis", tpm_state_directory: "tpm" },
    "warning use_tpm1: The argument use_tpm1 does nothing without vtpm.",
    "warning tpm_device_type: The argument tpm_device_type does nothing without vtpm.",
    "warning tpm_state_directory: The argument tpm_state_directory does nothing without vtpm.",
  ],
  [
    "a device of TPM 2.0 for TPM 1.2",
    { vtpm: true, use_tpm1: true, tpm_device_type: "tpm-crb" },
    'warning use_tpm1: "use_tpm1" is true, but tpm-crb is a device of TPM 2.0: the guest may find no TPM there. Use tpm-tis instead.',
  ],
  [
    "a graphics card of PCs on another machine",
    { ...arm, vga: "std" },
    'warning vga: "vga" is "std", but machines of the type virt have "virtio" or "none": it is "virtio".',
  ],
  [
    "an unknown interface for CDs",
    { cdrom_interface: "usb" },
    'warning cdrom_interface: "cdrom_interface" is "usb", which QEMU may not know: CDs are attached by "ide", "sata", "scsi"',
  ],
  [
    "an image that is not verified",
    { iso_checksum: "none" },
    'warning ?: The checksum "none" means that nobody notices when the image is damaged or another one.',
  ],
  [
    "an image that QEMU reads",
    { iso_skip_cache: true, iso_checksum: "" },
    "warning ?: The image is not downloaded, so its checksum is not verified.",
  ],
];
for (const [name, options, ...expected] of doubts) {
  test(`accepted with a warning: ${name}`, async () => assertProblems(await problems(options), expected));
}

const accepted: readonly [name: string, options: Options][] = [
  ["SCSI disks and CDs on PCs", { disk_interface: "scsi", cdrom_interface: "scsi" }],
  ["SCSI disks on a machine that has a bus for them", { qemu_binary: "qemu-system-ppc64", disk_interface: "scsi" }],
  ["SD cards on a machine that has them", { qemu_binary: "qemu-system-aarch64", machine_type: "raspi3b", disk_interface: "sd" }],
  ["SD cards with a machine type of the user's own words", { disk_interface: "sd", qemuargs: [["-machine", "type=x-remote,accel=tcg"]] }],
  ["an interface that no disk uses, since the user gives the drives", { disk_interface: "sd", qemuargs: [["-drive", "file=x"]] }],
  ["an interface that no CD uses, since there is none", { ...arm, disk_image: true, cdrom_interface: "ide" }],
  ["as many CDs as a PC has places for", { additional_iso_files: [further, further, further] }],
  [
    "more of them on a newer board",
    { machine_type: "pc-q35-7.2", cd_content: { a: "b" }, additional_iso_files: [further, further, further, further] },
  ],
  ["any number by SATA", { cdrom_interface: "sata", additional_iso_files: Array.from({ length: 9 }, () => further) }],
  ["a TPM of an ARM machine", { ...arm, vtpm: true, vga: "none" }],
  [
    "devices that the user's rows have again",
    {
      vtpm: true,
      disk_interface: "virtio-scsi",
      qemuargs: [
        ["-device", "tpm-crb,tpmdev=tpm0"],
        ["-device", "virtio-scsi-pci,id=scsi0"],
        ["-device", "scsi-hd,drive=drive0"],
      ],
    },
  ],
  ["firmware that the user's rows have again", { efi_boot: true, qemuargs: [["-drive", "if=pflash,file=a"]] }],
  ["a floppy that the user has removed", { ...arm, floppy_content: { a: "b" }, qemuargs: [["-fda"]] }],
];
for (const [name, options] of accepted) test(`accepted: ${name}`, async () => assert.equal(await problems(options), []));

test("an output directory that exists is accepted with -force", async () => {
  assert.equal(await problems({ output_directory: "there" }, forced), []);
});

test("what Packer takes for not given is taken so", async () => {
  const names = [
    ...["accelerator", "qemu_binary", "machine_type", "format", "disk_interface", "disk_cache", "disk_discard", "disk_detect_zeroes"],
    ...["cdrom_interface", "net_device", "net_bridge", "tpm_device_type", "vnc_bind_address", "vm_name", "disk_size", "display", "vga"],
    ...["tpm_state_directory", "cpu_model", "firmware", "efi_firmware_code", "qmp_socket_path", "shutdown_command"],
  ];
  const empty = Object.fromEntries(names.map((name) => [name, ""]));
  assert.equal(await problems({ ...empty, vnc_port_min: 0, vnc_port_max: 0, host_port_min: 0, host_port_max: 0, memory: -1 }), []);
});

test("texts stand for numbers and truth, as JSON templates give them", async () => {
  const { diagnostics } = await testPlugin(plugin, { style: "plain", workingDirectory: folder })
    .builder("qemu", { ...least, cpus: "2", headless: "true", disk_size: 5000, qemuargs: [["-m", "{{ .Name }}"]] })
    .prepare();
  assert.equal(diagnostics, []);
});

test("values that are not known yet are not judged", async () => {
  const unknown = ["disk_size", "output_directory", "vnc_port_min", "qemuargs", "boot_command", "accelerator", "cd_files", "host_port_min"];
  const { diagnostics } = await kit.builder("qemu", least).prepare({ unknown });
  assert.equal(diagnostics, []);
});

test("what is said while an option is not known yet holds with the option, and without it", async () => {
  for (const [name, options] of [...refusals, ...doubts]) {
    const given = await problems(options);
    for (const option of Object.keys(options)) {
      if (given.some((text) => text.includes(`named "${option}" is not expected`))) continue;
      const { [option]: _, ...others } = options;
      const without = await problems(others);
      const unknown = await problems(options, kit, [option]);
      assert.equal(
        unknown.filter((text) => !given.includes(text) || !without.includes(text)),
        [],
        `${name}: ${option}`,
      );
    }
  }
});

/** Options at their usual values that something is said about, and others that it depends on. */
const dependent: readonly [options: Options, others: readonly string[]][] = [
  [{ cpus: 8, sockets: 2 }, ["cores", "threads"]],
  [{ use_pflash: true }, ["firmware"]],
  [{ compact_additional_disks: true, skip_compaction: true }, ["disk_compression"]],
  [{ compact_additional_disks: true, format: "raw" }, []],
  [{ use_backing_file: true }, ["disk_image"]],
  [{ use_backing_file: true, disk_image: true, format: "raw" }, []],
  [{ skip_resize_disk: true }, ["disk_image"]],
  [{ vnc_port_min: 6100 }, ["vnc_port_max"]],
  [{ vnc_password: "secret" }, ["vnc_use_password"]],
  [{ host_port_min: 5000 }, ["host_port_max", "ssh_host_port_min", "ssh_host_port_max"]],
  [{ disk_interface: "sd" }, ["qemu_binary", "machine_type", "qemuargs"]],
  [{ ...arm, cdrom_interface: "ide" }, ["machine_type", "qemuargs", "disk_image"]],
  [{ ...arm, cdrom_interface: "ide", disk_image: true, cd_content: { a: "b" } }, ["cd_files"]],
  [
    { disk_interface: "ide", additional_iso_files: [further, further, further] },
    ["disk_additional_size", "machine_type", "disk_image", "cdrom_interface", "qemuargs", "cd_files", "cd_content"],
  ],
  [{ ...arm, floppy_content: { a: "b" } }, ["machine_type", "qemuargs"]],
  [{ ...arm, vga: "std" }, ["machine_type", "qemuargs"]],
  [{ vtpm: true, qemuargs: [["-device", "x"]] }, ["qemuargs_append", "tpm_device_type", "qemu_binary"]],
  [{ disk_interface: "scsi", qemuargs: [["-device", "x"]] }, ["qemuargs_append", "qemu_binary", "machine_type"]],
  [{ efi_boot: true, qemuargs: [["-drive", "x"]] }, ["qemuargs_append"]],
  [{ ...arm, vtpm: true, tpm_device_type: "tpm-tis" }, ["qemuargs"]],
  [{ vtpm: true, use_tpm1: true, tpm_device_type: "tpm-crb" }, ["qemuargs", "qemu_binary"]],
  [{ use_tpm1: true }, ["vtpm"]],
  [{ boot_command: ["a"], disable_vnc: true }, []],
  [{ boot_command: ["a"], boot_steps: [["b"]] }, []],
];
for (const [options, others] of dependent) {
  test(`not judged while what it depends on is not known: ${JSON.stringify(options)}`, async () => {
    assert.is((await problems(options)).length, 1);
    for (const other of [...Object.keys(options), ...others]) assert.equal(await problems(options, kit, [other]), [], other);
  });
}

test.run();
