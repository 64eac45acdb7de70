// What conversion does with templates that are large, or that grow as they are evaluated.
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
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

test("what cannot be expressed stays TypeScript as the condition of a conditional", async () => {
  const text = await converted(
    'locals {\n  x = each.y ? -1 : 2\n  z = "%{ if each.y }a%{ else }b%{ endif }"\n  l = [for v in [1, 2] : v if each.y]\n}\n',
  );
  assert.match(text, "(undefined as never /* TODO(tspack): each.y */) ? -1 : 2");
  assert.not.match(text, /as never [^)]*\? /);
});

test("what cannot be read is told as such, with the reason", async () => {
  const folder = tmp("limits");
  symlinkSync("loop", join(folder, "loop"));
  for (const name of ["locked", "template"]) mkdirSync(join(folder, name), { mode: name === "locked" ? 0 : 0o755 });
  for (const name of ["template/a.pkr.hcl", "b.json", "c"]) writeFileSync(join(folder, name), "{}", { mode: 0 });
  chmodSync(folder, 0o755);
  const reasons = {
    loop: "symbolic links lead in a circle",
    nosuch: "it does not exist",
    "nosuch.pkr.hcl": "it does not exist",
    locked: "permission denied",
    "template/a.pkr.hcl": "permission denied",
    template: "permission denied",
    "b.json": "permission denied",
    c: "permission denied",
  };
  // Root may read everything.
  const isRoot = process.getuid?.() === 0;
  for (const [path, reason] of Object.entries(reasons)) {
    if (isRoot && reason === "permission denied") process.seteuid?.(65534);
    const { files, diagnostics } = await convert(path, { workingDirectory: folder }).finally(() => isRoot && process.seteuid?.(0));
    assert.equal(files, []);
    assert.match(diagnostics.map(({ detail }) => detail).join(), reason, path);
  }
});

test("of two thousand broken files a hundred errors are told", async () => {
  const folder = tmp("limits");
  for (let index = 0; index < 2000; index++) writeFileSync(join(folder, `${index}.pkr.hcl`), "locals {\n");
  const { files, diagnostics } = await convert(".", { workingDirectory: folder });
  assert.equal(files, []);
  assert.is(diagnostics.length, 101);
  assert.is(diagnostics.at(-1)?.summary, "Too many errors");
});

test.run();
