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

test.run();
