import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TspackError } from "@tspack/core/sdk";
import { rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { MachineKind } from "../../src/command-line/machine-kind.ts";
import { type FindFirmwareOptions, type Firmware, findFirmware } from "../../src/firmware/find-firmware.ts";
import { usesEfi } from "../../src/firmware/uses-efi.ts";

/** A processor that no distribution has firmware for: what the system offers plays no part. */
const machine: MachineKind = { architecture: "toaster", type: "virt", board: "virt" };

interface Description {
  readonly architecture?: string;
  readonly machines?: readonly string[];
  readonly features?: readonly string[];
  readonly interfaces?: readonly string[];
  readonly device?: string;
  /** Names of files, which are made, but for one called `missing`. */
  readonly code?: string;
  readonly vars?: string;
}

/** A home folder with QEMU's descriptions of firmware, by the name of the file. */
function homeWith(descriptions: { readonly [name: string]: Description | "" }): string {
  const home = tmp();
  const folder = join(home, ".config/qemu/firmware");
  mkdirSync(folder, { recursive: true });
  for (const [name, description] of Object.entries(descriptions)) {
    if (description === "") {
      writeFileSync(join(folder, name), "");
      continue;
    }
    const { architecture = "toaster", machines = ["virt-*"], features = [], interfaces = ["uefi"], device = "flash" } = description;
    const files = { code: description.code ?? "code.fd", vars: description.vars ?? "vars.fd" };
    for (const file of Object.values(files))
      if (file !== "missing") writeFileSync(join(home, file), file.includes("qcow2") ? "QFI\xfb" : "raw", "latin1");
    const mapping = { device, executable: { filename: join(home, files.code) }, "nvram-template": { filename: join(home, files.vars) } };
    const text = JSON.stringify({ "interface-types": interfaces, mapping, targets: [{ architecture, machines }], features });
    writeFileSync(join(folder, name), text);
  }
  return home;
}

function find(home: string, changes: Partial<FindFirmwareOptions> = {}): Promise<Firmware> {
  return findFirmware({ code: undefined, vars: undefined, machine, workingDirectory: home, environment: { HOME: home }, ...changes });
}

const choices: readonly [name: string, descriptions: { readonly [name: string]: Description | "" }, code: string | undefined][] = [
  ["the first that fits, by the names of the descriptions", { "60.json": { code: "b.fd" }, "50.json": { code: "a.fd" } }, "a.fd"],
  ["none for another processor", { "50.json": { architecture: "kettle" } }, undefined],
  ["none for another machine type", { "50.json": { machines: ["pc-q35-*"] }, "60.json": { code: "b.fd" } }, "b.fd"],
  ["one for exactly this machine type", { "50.json": { machines: ["pc", "virt-0"], code: "a.fd" } }, "a.fd"],
  ["none with Secure Boot", { "50.json": { features: ["secure-boot"] }, "60.json": { code: "b.fd" } }, "b.fd"],
  ["none that needs what the machine lacks", { "50.json": { features: ["requires-smm"] } }, undefined],
  ["none that is no EFI", { "50.json": { interfaces: ["bios"] } }, undefined],
  ["none that is no flash memory", { "50.json": { device: "kernel" } }, undefined],
  ["none whose files are not there", { "50.json": { vars: "missing" }, "60.json": { code: "b.fd" } }, "b.fd"],
  ["none that an administrator has hidden", { "50.json": "", "60.json": { code: "b.fd" } }, "b.fd"],
];
for (const [name, descriptions, code] of choices) {
  test(`firmware that is found: ${name}`, async () => {
    const home = homeWith(descriptions);
    if (code !== undefined) {
      assert.equal((await find(home)).code, { path: join(home, code), format: "raw" });
      return;
    }
    await rejects(find(home), {
      code: "TPK6008",
      message: /no EFI firmware for toaster machines of the type virt on this system/,
    });
  });
}

const arm = { qemu_binary: "qemu-system-aarch64" };
const starts: readonly [name: string, options: Partial<Parameters<typeof usesEfi>[0]>, withEfi: boolean][] = [
  ["a PC does not", {}, false],
  ["a PC does when told so", { efi_boot: true }, true],
  ["code of the user's is EFI, also beside a no", { efi_boot: false, efi_firmware_code: "a" }, true],
  ["variables of the user's are EFI", { efi_firmware_vars: "a" }, true],
  ["64-bit ARM does", arm, true],
  ["64-bit ARM does not when told so", { ...arm, efi_boot: false }, false],
  ["64-bit ARM does not with a firmware of the user's", { ...arm, firmware: "a" }, false],
  ["64-bit ARM does not with firmware among the user's words", { ...arm, qemuargs: [["--bios", "a"]] }, false],
  ["64-bit ARM does not with a kernel at the end of the line", { ...arm, qemuargs_append: ["-kernel", "a"] }, false],
  ["64-bit ARM does not with drives of the user's, which take the flash away", { ...arm, qemuargs: [["-drive", "file=a"]] }, false],
  ["64-bit ARM does with a further drive", { ...arm, qemuargs_append: ["-drive", "file=a,if=virtio"] }, true],
  ["64-bit ARM does not with further flash", { ...arm, qemuargs_append: ["-drive", "if=pflash,file=a"] }, false],
  ["32-bit ARM does not", { qemu_binary: "qemu-system-arm" }, false],
  ["a Raspberry Pi does not", { ...arm, machine_type: "raspi3b" }, false],
  ["another type in the user's words counts", { ...arm, qemuargs: [["-machine", "type=raspi3b"]] }, false],
];
for (const [name, options, withEfi] of starts) {
  test(`starting with EFI: ${name}`, () => {
    const base = { qemu_binary: "qemu-system-x86_64", machine_type: undefined };
    assert.is(usesEfi({ ...base, ...options }), withEfi);
  });
}

test("the format of firmware is looked up, of that which is found and of that which is named", async () => {
  const home = homeWith({ "50.json": { code: "code.qcow2", vars: "vars.qcow2" } });
  const formats = async (changes: Partial<FindFirmwareOptions>) => {
    const { code, vars } = await find(home, changes);
    return [code.format, vars.format];
  };
  assert.equal(await formats({}), ["qcow2", "qcow2"]);
  writeFileSync(join(home, "own.fd"), "");
  assert.equal(await formats({ code: "own.fd" }), ["raw", "qcow2"]);
  assert.equal(await formats({ vars: "own.fd" }), ["qcow2", "raw"]);
});

test("variables lie beside the code that is named", async () => {
  const home = homeWith({});
  for (const name of ["X_CODE_4M.secboot.fd", "X_VARS_4M.fd"]) writeFileSync(join(home, name), "");
  const { code, vars } = await find(home, { code: "X_CODE_4M.secboot.fd" });
  assert.equal([code.path, vars.path], [join(home, "X_CODE_4M.secboot.fd"), join(home, "X_VARS_4M.fd")]);
});

test("firmware that is named and cannot be read is said to be so, with the option", async () => {
  const home = homeWith({ "50.json": {} });
  for (const name of ["code", "vars"] as const) {
    const error = await rejects(find(home, { [name]: "no.fd" }), { code: "TPK3107", message: /no\.fd cannot be read/ });
    assert.is(TspackError.is(error) && error.option, `efi_firmware_${name}`);
  }
});

test.run();
