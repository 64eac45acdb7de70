import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { functionNames } from "../../src/functions/fn-names.ts";
import { hclFunctions, variableDefaultFunctions } from "../../src/functions/table.ts";
import { fn } from "../../src/index.ts";
import { loadContext, loading } from "../program/loading.ts";
import { jsonOf, world } from "./evaluating.ts";

const folder = tmp("functions");
writeFileSync(join(folder, "hello.txt"), "Hello, world");
// biome-ignore lint/suspicious/noTemplateCurlyInString: a template of HCL
writeFileSync(join(folder, "greeting.pkrtpl.hcl"), "Hello, ${upper(name)}");

const environment = { RELEASE: "trixie", SOURCE_DATE_EPOCH: "1514934721" };
/** Run where there are servers and keys: in services.test.ts and crypto.test.ts. */
const elsewhere = ["vault", "consul_key", "aws_secretsmanager", "aws_secretsmanager_raw", "rsadecrypt"];

test("expressions have 103 functions, defaults of variables one, and fn all of them", () => {
  const names = [...hclFunctions().keys(), ...variableDefaultFunctions().keys()];
  assert.is(hclFunctions().size, 103);
  assert.equal([...functionNames].sort(), names.sort());
  assert.equal(Object.keys(fn).sort(), names);
});

test("every function is documented, and its examples hold in HCL and in TypeScript", () => {
  const load = loadContext({ root: folder, environment, workingDirectory: folder });
  const hcl = world({ environment, templateDirectory: folder, workingDirectory: folder });
  for (const [name, { doc }] of [...hclFunctions(), ...variableDefaultFunctions()]) {
    assert.ok(doc, name);
    assert.ok(doc.summary.endsWith(".") && doc.signature.startsWith(`${name}(`), name);
    assert.ok(doc.examples.length > 0, `${name} has no example`);
    if (elsewhere.includes(name)) continue;
    const functions = name === "env" ? variableDefaultFunctions() : hclFunctions();
    for (const { code, typescript = code, result } of doc.examples) {
      assert.is(sortedJson(JSON.parse(jsonOf(code, { environment: hcl, functions }))), sortedJson(JSON.parse(result)), code);
      const given = loading(load, () => runInNewContext(`fn.${typescript}`, { fn }) as unknown);
      assert.is(sortedJson(given), sortedJson(JSON.parse(result)), `fn.${typescript}`);
    }
  }
});

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

test.run();
