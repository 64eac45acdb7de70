// What conversion does with templates that are large, or that grow as they are evaluated.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { convert } from "../../src/convert/convert.ts";

/** 60 locals, of which each holds the one before twice. */
function doubling(expression: (before: string) => string, ...others: readonly string[]): string {
  const lines = Array.from({ length: 60 }, (_, index) => `a${index} = ${index === 0 ? '["x"]' : expression(`local.a${index - 1}`)}`);
  return `locals {\n${[...lines, ...others].join("\n")}\n}\n`;
}

async function converted(text: string): Promise<string> {
  const folder = tmp("limits");
  writeFileSync(join(folder, "a.pkr.hcl"), text);
  const { files, diagnostics } = await convert("a.pkr.hcl", { workingDirectory: folder, isSingleFile: true });
  assert.equal(
    diagnostics.filter(({ severity }) => severity === "error"),
    [],
  );
  return files[0]?.text ?? "";
}

test("values that double with every local are converted at once, whatever is done with them", async () => {
  assert.match(await converted(doubling((before) => `concat(${before}, ${before})`)), "a59 = ");
  const uses = [
    "equal = local.a59 == local.a58",
    "itself = local.a59 == local.a59",
    "chosen = local.a0 == [] ? local.a59 : local.a58",
    "flat = flatten(local.a59)",
    "text = jsonencode(local.a59)",
    "both = merge({ a = local.a59 }, { b = local.a59 })",
    'grouped = { for key, value in local.a59 : "x" => value... }',
    "first = element(local.a59, 0)",
    "either = try(local.a59, local.a58)",
    "unique = distinct(local.a59)",
  ];
  const text = await converted(doubling((before) => `[${before}, ${before}]`, ...uses));
  for (const name of uses.map((use) => use.split(" ")[0])) assert.match(text, `export const ${name} = `);
});

test("twenty times as many locals take about twenty times as long", async () => {
  const chain = (count: number): string =>
    `locals {\n  c0 = 1\n${Array.from({ length: count }, (_, index) => `  c${index + 1} = local.c${index}\n`).join("")}}\n`;
  await converted(chain(100));
  const used = async (count: number): Promise<number> => {
    const before = process.cpuUsage();
    assert.match(await converted(chain(count)), `c${count} = c${count - 1};`);
    return process.cpuUsage(before).user;
  };
  const small = await used(1_000);
  const large = await used(20_000);
  assert.ok(large < 100 * small, `${small / 1000} ms and ${large / 1000} ms`);
});

test.run();
