// What `tspack validate` finds in programs for QEMU that today's machine could not run. No machine is started, and QEMU need not be there.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type TspackResult, tspack } from "../support/tspack.ts";

/** A folder with a program, and `tspack` in it that finds neither plugins nor programs. */
function project(file: string, text: string) {
  const cwd = tmp("checks");
  writeFileSync(join(cwd, file), text);
  const env = { PACKER_CACHE_DIR: tmp("cache"), PACKER_PLUGIN_PATH: join(cwd, "none"), PATH: "" };
  return { cwd, run: (words: readonly string[]) => tspack([...words, file], { cwd, env }) };
}

/** All that was printed, in one line, as messages are wrapped. */
function flat({ stdout, stderr }: TspackResult): string {
  return `${stdout}\n${stderr}`.replace(/\s+/g, " ");
}

/** One source, on lines that do not change: `output_directory` on the fourth of them. */
function hclSource(name: string, output: string): string {
  return `source "qemu" "${name}" {
  iso_url          = "https://example.org/x.iso"
  iso_checksum     = "none"
  output_directory = ${output}
  communicator     = "none"
}
`;
}

const twoBuilds = `variable "folder" { default = "out" }
${hclSource("a", '"out"')}${hclSource("b", '"x/../$' + '{var.folder}"')}build {
  sources = ["source.qemu.a", "source.qemu.b"]
}
`;

test("two builds with one output directory are told so at the second one's option, in each language, unless one is left out", async () => {
  const options = { iso_url: "https://example.org/x.iso", iso_checksum: "none", communicator: "none", output_directory: "out" };
  const hcl = project("t.pkr.hcl", twoBuilds);
  const json = project(
    "t.json",
    JSON.stringify({ builders: ["a", "b"].map((name) => ({ type: "qemu", name, ...options })) }, undefined, 1),
  );
  const image = project(
    "image.ts",
    `import { build, source } from "tspack";
const options = ${JSON.stringify({ ...options, output_directory: undefined })};
export default [
  build({ name: "one", sources: [source("qemu", "a", options)] }),
  build({ name: "two", sources: [source("qemu", "a", options)] }),
];
`,
  );
  const told = /The output directory (\S+) is that of another build of this run, (\S+)\. Give each build an output_directory of its own\./;
  const found: string[] = [];
  for (const { run } of [hcl, json, image]) {
    const refused = await run(["validate"]);
    assert.is(refused.code, 1, flat(refused));
    const shown = flat(refused);
    found.push([/\(TPK6007\) on (\S+) line (\d+)/.exec(shown)?.slice(1), told.exec(shown)?.slice(1)].flat().join(" "));
  }
  assert.equal(found, ["t.pkr.hcl 11 x/../out qemu.a", "t.json 17 out qemu.a", "image.ts 5 output-a one.qemu.a"]);
  for (const flag of ["-only=qemu.b", "-except=qemu.a"]) {
    const valid = await hcl.run(["validate", flag]);
    assert.is(valid.code, 0, flat(valid));
  }
});

test("what this host lacks is told at the option that needs it, where there is a QEMU that could miss it", async () => {
  const { cwd, run } = project(
    "image.ts",
    `import { build, source } from "tspack";
export default build({
  sources: [
    source("qemu", "x", {
      iso_url: "https://example.org/x.iso",
      iso_checksum: "none",
      communicator: "none",
      qemu_binary: "./qemu-system-x86_64",
      efi_firmware_code: "no-such.fd",
      efi_firmware_vars: "nor-this.fd",
      vtpm: true,
    }),
  ],
});
`,
  );
  const elsewhere = await run(["validate"]);
  assert.is(elsewhere.code, 0, flat(elsewhere));
  // It is looked for, and never run.
  writeFileSync(join(cwd, "qemu-system-x86_64"), "", { mode: 0o755 });
  const shown = flat(await run(["validate"]));
  assert.match(
    shown,
    /\(TPK3107\) on image\.ts line 9,.*The argument efi_firmware_code is given, but the firmware \S*no-such\.fd cannot be read\./,
  );
  assert.match(
    shown,
    /\(TPK3107\) on image\.ts line 10,.*firmware \S*nor-this\.fd cannot be read\..* the package ovmf, on Fedora and Arch edk2-ovmf\)/,
  );
  if (process.platform === "linux")
    assert.match(shown, /\(TPK6008\) on image\.ts line 11,.*vtpm is given, but swtpm, which emulates the TPM, cannot be found/);
});

test.run();
