import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { testPlugin } from "@tspack/core/sdk/testing";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { plugin } from "../src/plugin.ts";
import type { Options } from "./build-kit.ts";
import { doubts } from "./doubted-options.ts";
import { arm, further, refusals } from "./refused-options.ts";

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

for (const [name, options, ...expected] of refusals) {
  test(`refused: ${name}`, async () => assertProblems(await problems(options), expected));
}

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
