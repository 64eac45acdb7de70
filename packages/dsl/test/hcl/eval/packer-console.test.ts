// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of HCL
// The same expressions in Packer's own console and here.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { evaluate } from "../../../src/hcl/eval/evaluate.ts";
import { parseExpression } from "../../../src/hcl/syntax/parse.ts";
import { SourceText } from "../../../src/hcl/syntax/source-text.ts";
import { languageFunctions } from "./language-functions.ts";
import { jsonOf, scopeOf } from "./test-scope.ts";

const expressions = [
  "0.1 + 0.2",
  "7.5 % 2",
  "-7 % 3",
  '"x${1e21}"',
  '"x${1.50}"',
  '"5" * "2"',
  '1 == "1"',
  "[1, 2] == [1, 2]",
  'true ? 1 : "a"',
  'true ? [1] : ["a", "b"]',
  'true ? [1, [2]] : [3, ["x"]]',
  'true ? { a = 1, b = true } : { c = "x" }',
  'true ? { a = [1] } : { a = ["x", "y"] }',
  '(true ? split(",", "b,a") : setunion(["z"], ["y"]))[0]',
  '(true ? setunion(["z"], ["y"]) : split(",", "b,a"))[0]',
  "true ? null : 1",
  '{ "1" = 1 }[1]',
  '[1, 2]["1"]',
  "{ b = 1, a = 2 }[*]",
  "keys({ b = 1, a = 2 })[*]",
  "[{ id = 1, l = [1] }, { id = 2, l = [2] }].*.l[0]",
  "[{ id = 1, l = [1] }, { id = 2, l = [2] }][*].l[0]",
  '{ for k in ["b", "a", "b"] : k => upper(k)... }',
  '[for k, v in { b = 1, a = 2 } : "${k}=${v}"]',
  "[for v in setunion([3, 20, 100], [3]) : v]",
  'setunion(["b", "a", "é", "z"])',
  "setunion([true, false])",
  "max([1, 5]...)",
];

lab(test, "packer")("expressions give what Packer's console gives", () => {
  const folder = tmp();
  writeFileSync(join(folder, "empty.pkr.hcl"), "");
  const all = `[${expressions.join(", ")}]`;
  const theirs = execFileSync("packer", ["console", "-config-type=hcl2", join(folder, "empty.pkr.hcl")], {
    input: `jsonencode(${all})\n`,
    encoding: "utf8",
    env: { ...process.env, CHECKPOINT_DISABLE: "1", PACKER_CONFIG_DIR: folder, HOME: folder },
  });
  const { tree, diagnostics } = parseExpression(new SourceText("console", all));
  assert.equal(diagnostics, []);
  const { value } = evaluate(tree, scopeOf({}, languageFunctions));
  const ours = value.kind === "sequence" ? value.elements.map(jsonOf) : [];
  assert.equal(pairs(ours), pairs(JSON.parse(theirs).map((item: unknown) => JSON.stringify(item))));
});

function pairs(results: readonly unknown[]): readonly string[] {
  return expressions.map((expression, index) => `${expression} = ${results[index]}`);
}

test.run();
