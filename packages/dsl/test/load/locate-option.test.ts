import type { PathSegment } from "@tspack/core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { locateOption } from "../../src/load/locate-option.ts";

/** Finds a path in the call at `▸` and returns the text that is marked, with `~` before it when it is only the nearest thing. */
function marked(source: string, ...path: PathSegment[]): string {
  const offset = source.indexOf("▸");
  const text = source.replace("▸", "");
  const before = text.slice(0, offset).split("\n");
  const found = locateOption(text, { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }, path);
  if (found === undefined) return "nothing";
  const lines = text.split("\n");
  assert.is(found.start.line, found.end.line, "these tests mark single lines");
  const line = lines[found.start.line - 1] ?? "";
  return `${found.exact ? "" : "~"}${found.start.line}:${line.slice(found.start.column - 1, found.end.column - 1)}`;
}

test("the call itself is its name and leading texts", () => {
  assert.is(marked('const x = ▸source("qemu", "web", { a: 1 });'), '1:source("qemu", "web"');
  assert.is(marked("▸build({ a: 1 })"), "1:build(");
  assert.is(marked('▸source<"qemu", "web">("qemu", name, {})'), '1:source<"qemu", "web">("qemu"');
});

test("keys in every spelling, nested and in lists", () => {
  const call = `▸source("qemu", "web", {
  plain: 1, "quoted-key": 2, 3: "n", ["computed"]: 4, shorthand,
  method() { return { plain: 1 }; },
  deep: { list: [{ a: 1 }, [{ b: 2 }]] },
});`;
  assert.is(marked(call, "plain"), "2:plain");
  assert.is(marked(call, "quoted-key"), '2:"quoted-key"');
  assert.is(marked(call, "3"), "2:3");
  assert.is(marked(call, "computed"), '2:"computed"');
  assert.is(marked(call, "shorthand"), "2:shorthand");
  assert.is(marked(call, "method"), "3:method");
  assert.is(marked(call, "deep", "list", 0, "a"), "4:a");
  assert.is(marked(call, "deep", "list", 1, 0, "b"), "4:b");
  assert.is(marked(call, "deep", "list", 1), "4:[{ b: 2 }]");
});

test("the nearest thing is marked when the option cannot be seen", () => {
  assert.is(marked('▸source("a", "b", { deep: other(), x: 1 });', "deep", "y"), "~1:deep");
  assert.is(marked('▸source("a", "b", options());', "deep"), '~1:source("a", "b"');
  assert.is(marked('▸source("a", "b", { list: [...more, { x: 1 }] });', "list", 0, "x"), "~1:list");
  assert.is(marked("const a = ▸b;", "x"), "nothing");
});

test("texts, templates, comments and regular expressions that look like code are stepped over", () => {
  const call = `▸source("a", \`b\${[{ key: \`}\` }].map((x) => x.key)}\`, { // key: 1, {
  /* key: { */ one: "key: {", two: 'it\\'s {', three: /[{/"]\\/key: {/g, four: 4 / 2 / 1, five: \`{ key: \${{ key: 1 }.key} {\`,
  six: (x: number) => { return { key: x }; }, seven: a < b, key: "found",
});`;
  assert.is(marked(call, "key"), "3:key");
  assert.is(marked(call, "five"), "2:five");
});

test("constants, spreads and conditions are followed", () => {
  const text = `const shared: { [name: string]: unknown } = { memory: 1, nested: { size: 2 } };
const more = { extra: 1 } as const;
▸source("a", "b", { ...shared, ...(large ? { disk: "40G" } : { disk: "10G", small: 1 }), ...(flag && { flagged: 1 }), again: more, own: 1 });
▹`;
  assert.is(marked(text, "memory"), "1:memory");
  assert.is(marked(text, "nested", "size"), "1:size");
  assert.is(marked(text, "small"), "3:small");
  assert.is(marked(text, "flagged"), "3:flagged");
  assert.is(marked(text, "again", "extra"), "2:extra");
  assert.is(marked('const options = { a: 1 } satisfies Config;\n▸source("x", "y", options);', "a"), "1:a");
  assert.is(marked('const a = b; const b = a;\n▸source("x", "y", a);', "k"), '~2:source("x", "y"');
});

test("what cannot be parsed is no reason to fail or to hang", () => {
  for (const text of ["▸source(", '▸source("a', "▸source(`${`", "▸source({ a: [", "▸source(/", "▸", '▸source("a", { /* '])
    assert.type(marked(text, "a"), "string");
  assert.is(locateOption("x", { line: 9, column: 1 }, []), undefined);
});

test.run();
