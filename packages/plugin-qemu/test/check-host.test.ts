// What a build needs of this host besides QEMU. The QEMU of these tests is a file that is never run.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testPlugin } from "@tspack/core/sdk/testing";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { plugin } from "../src/plugin.ts";

type Options = { readonly [option: string]: unknown };

const folder = tmp();
const programs = join(folder, "programs");
mkdirSync(programs);
// No system has firmware for MIPS, so it does not matter what this one has.
for (const name of ["qemu-system-x86_64", "qemu-system-mips"]) writeFileSync(join(programs, name), "", { mode: 0o755 });
for (const name of ["code.fd", "vars.fd"]) writeFileSync(join(folder, name), "raw");
mkdirSync(join(folder, "folder.fd"));

const kits = [programs, ""].map((PATH) => testPlugin(plugin, { workingDirectory: folder, environment: { PATH } }));
const [there, elsewhere] = kits;
test.after(async () => {
  for (const kit of kits) await kit.close();
});

const least: Options = { iso_url: "https://example.org/a.iso", iso_checksum: `sha256:${"0".repeat(64)}`, ssh_username: "root" };

async function problems(kit: typeof there, options: Options, unknown: readonly string[] = []): Promise<string[]> {
  assert.ok(kit !== undefined);
  const { diagnostics } = await kit.builder("qemu", { ...least, ...options }).prepare({ unknown });
  return diagnostics.map(({ severity, path, detail, hint }) => `${severity} ${path?.[0] ?? ""}: ${[detail, hint].join(" ").trim()}`);
}

const mips = { qemu_binary: "qemu-system-mips" };

const refusals: readonly [name: string, options: Options, ...expected: readonly RegExp[]][] = [
  [
    "firmware that is named and missing, both files at once",
    { efi_firmware_code: "no.fd", efi_firmware_vars: "folder.fd" },
    /^error efi_firmware_code: The argument efi_firmware_code is given, but the firmware \/.*\/no\.fd cannot be read\. Check the option efi_firmware_code, leave it out .*on Debian and Ubuntu the package ovmf, on Fedora and Arch edk2-ovmf\)\.$/,
    /^error efi_firmware_vars: The argument efi_firmware_vars is given, but the firmware \/.*\/folder\.fd cannot be read\. Check the option efi_firmware_vars/,
  ],
  [
    "variables that are missing beside code that is there",
    { efi_firmware_code: "code.fd", efi_firmware_vars: "no.fd" },
    /^error efi_firmware_vars: The argument efi_firmware_vars is given, but the firmware \/.*\/no\.fd cannot be read/,
  ],
  [
    "firmware that this host has none of",
    { ...mips, efi_boot: true },
    /^error efi_boot: The argument efi_boot is given, but there is no EFI firmware for mips on this system\. Install it \(on Debian and Ubuntu the package .*\), or name it with efi_firmware_code/,
  ],
  [
    "variables for code of the user's that this host has none of",
    { ...mips, efi_firmware_code: "code.fd" },
    /^error efi_firmware_code: The argument efi_firmware_code is given, but there is no EFI firmware for mips on this system\./,
  ],
];
const onLinux: typeof refusals = [
  [
    "a bridge that is not there",
    { net_bridge: "no-such-bridge" },
    /^error net_bridge: The argument net_bridge is given, but there is no network interface "no-such-bridge" on this host\. A bridge has to be there .*ip link add no-such-bridge type bridge/,
  ],
  [
    "a TPM without swtpm",
    { vtpm: true },
    /^error \w*: The argument vtpm is given, but swtpm, which emulates the TPM, cannot be found\. Install it: on Debian, Ubuntu, Fedora and Arch the package swtpm/,
  ],
];

for (const [name, options, ...expected] of process.platform === "linux" ? [...refusals, ...onLinux] : refusals) {
  test(`refused: ${name}`, async () => {
    const found = await problems(there, options);
    assert.is(found.length, expected.length, found.join("\n"));
    for (const [index, pattern] of expected.entries()) assert.match(found[index] ?? "", pattern);
  });
  test(`not judged on a machine without QEMU, or while an option is not known: ${name}`, async () => {
    assert.equal(await problems(elsewhere, options), []);
    const read = Object.keys(options);
    if (read.some((option) => option.startsWith("efi_"))) read.push("efi_boot", "firmware", "machine_type", "qemuargs", "qemuargs_append");
    for (const option of [...read, "qemu_binary"]) assert.equal(await problems(there, options, [option]), [], option);
  });
}

const accepted: readonly [name: string, options: Options][] = [
  ["files that are there", { efi_firmware_code: "code.fd", efi_firmware_vars: "vars.fd" }],
  ["no EFI", { ...mips, efi_boot: false }],
];
for (const [name, options] of accepted) test(`accepted: ${name}`, async () => assert.equal(await problems(there, options), []));

test.run();
