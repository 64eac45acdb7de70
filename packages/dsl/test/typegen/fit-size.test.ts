// Types of components that are too large for an editor.
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ConfigSpec, OptionSpec, SpecType } from "@tspack/core";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { LARGEST_TYPES_BYTES, printFitting } from "../../src/typegen/fit-size.ts";
import type { TypedComponent } from "../../src/typegen/print-module.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** A specification of so many options, of which every tenth is a block with ten options of which one is a block, and so on. */
function large(count: number, depth: number, describe = true, prefix = "option"): ConfigSpec {
  const options = Array.from({ length: count }, (_, index): [string, OptionSpec] => {
    const inner = (): SpecType => ({ kind: "block-list", spec: large(10, depth - 1, describe, "inner") });
    const type: SpecType = index % 10 === 0 && depth > 0 ? inner() : { kind: "list", element: { kind: "string" } };
    const description = describe ? `What option ${index} is good for, said in a sentence of some length.` : undefined;
    return [`${prefix}_${index}`, { type, required: index === 1, description }];
  });
  return { options: Object.fromEntries(options) };
}

function component(spec: ConfigSpec): TypedComponent {
  return { kind: "builder", type: "big-one", spec };
}

const cases: readonly (readonly [string, ConfigSpec, string | undefined])[] = [
  ["ordinary", large(300, 2), undefined],
  ["2,000 options with deep blocks", large(2_000, 8), "descriptions are left out, and blocks below the third level are not checked"],
  ["2,000 options", large(2_000, 0), undefined],
  ["3,500 options with descriptions", large(3_500, 0), "descriptions are left out"],
  ["a few options, a great many blocks", large(10, 40), undefined],
  [
    "a hundred thousand options",
    large(100_000, 0),
    "only the first 5000 options are listed, without what is in blocks; others are not checked",
  ],
];

for (const [name, spec, cut] of cases) {
  test(`${name}: fits, and says what is cut`, () => {
    const printed = printFitting(component(spec), "Printed.");
    assert.is(printed.cut, cut);
    assert.ok(Buffer.byteLength(printed.text) <= LARGEST_TYPES_BYTES, `${printed.text.length} bytes`);
    if (cut !== undefined) assert.ok(printed.text.includes(`// Larger than 300 kB, so that ${cut}.\n`));
  });
}

test("a tree that doubles at each level is not printed to see that it is too large", () => {
  let spec: ConfigSpec = { options: { leaf: { type: { kind: "string" }, required: false } } };
  for (let level = 0; level < 18; level++) {
    const inner: OptionSpec = { type: { kind: "block", spec }, required: false };
    spec = { options: { left: inner, right: inner } };
  }
  const { text, cut } = printFitting(component(spec), "Printed.");
  assert.ok(Buffer.byteLength(text) <= LARGEST_TYPES_BYTES);
  assert.match(cut ?? "", /blocks below the seventh level are not checked/);
});

test("what is cut still compiles, takes what is not listed any more, and checks what is", () => {
  const folder = tmp("fit");
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "packages/cli"), join(folder, "node_modules/tspack"));
  writeFileSync(join(folder, "big.d.ts"), printFitting(component(large(100_000, 0)), "Printed.").text);
  writeFileSync(join(folder, "deep.d.ts"), printFitting({ ...component(large(2_000, 8)), type: "deep-one" }, "Printed.").text);
  writeFileSync(
    join(folder, "image.ts"),
    `/// <reference path="./big.d.ts" />
/// <reference path="./deep.d.ts" />
import { source } from "tspack";
source("big-one", "a", { option_1: [], option_99999: ["any"] });
// @ts-expect-error: a listed option
source("big-one", "b", { option_1: 5 });
source("deep-one", "c", { option_1: [], option_0: [{ inner_1: [], inner_0: [{ inner_1: [], inner_0: 5 }] }] });
source("deep-one", "d", {
  option_1: [],
  // @ts-expect-error: not an option
  option_x: [],
});
`,
  );
  execute(folder);
});

function execute(folder: string): void {
  const settings = ["--target", "es2023", "--module", "nodenext", "--strict", "--noEmit", "--skipLibCheck", "--types", ""];
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [compiler, ...settings, "image.ts"], { cwd: folder, encoding: "utf8" });
  assert.is(stdout, "");
  assert.is(status, 0);
}

test.run();
