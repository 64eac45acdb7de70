// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of HCL
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeSource } from "../../../src/hcl/syntax/decode-source.ts";
import { type JsonSchema, parseJsonConfig } from "../../../src/hcl/syntax/parse-json.ts";
import { SourceText } from "../../../src/hcl/syntax/source-text.ts";
import type { Body } from "../../../src/hcl/syntax/tree.ts";

const leaf: JsonSchema = { blocks: {} };
const schema: JsonSchema = {
  blocks: { source: { labels: 2, body: { blocks: { disk: { labels: 0, body: leaf } } } }, build: { labels: 0, body: leaf } },
};
const parse = (text: string): ReturnType<typeof parseJsonConfig> => parseJsonConfig(new SourceText("t.pkr.json", text), schema);

function outline(body: Body): unknown[] {
  return body.items.map((item) =>
    item.kind === "attribute" ? item.name : [item.type, ...item.labels.map(({ text }) => text), ...outline(item.body)],
  );
}

test("blocks are objects or arrays of them, with a level for each label", () => {
  const { tree, diagnostics } = parse(
    '{"source": {"qemu": {"a": {"x": 1, "disk": [{"s": 1}, {"s": 2}]}, "b": [{}, {"y": 1}]}, "null": [{"c": {}}]}, "build": null, "other": {}}',
  );
  assert.equal(diagnostics, []);
  assert.equal(outline(tree), [
    ["source", "qemu", "a", "x", ["disk", "s"], ["disk", "s"]],
    ["source", "qemu", "b"],
    ["source", "qemu", "b", "y"],
    ["source", "null", "c"],
    "other",
  ]);
});

test("several objects at the top count as one", () => {
  assert.equal(outline(parse('[{"a": 1}, {"build": {}}]').tree), ["a", ["build"]]);
});

test("strings are templates, with places behind escapes as they are in the file", () => {
  const text = '{"a": "\\u00e9\\n${upper(\\"x\\")} y"}';
  const [item] = parse(text).tree.items;
  if (item?.kind !== "attribute" || item.value.kind !== "template") throw new Error("a is no template");
  const [first, second, third] = item.value.parts;
  assert.equal([first?.kind === "text" && first.value, third?.kind === "text" && third.value], ["é\n", " y"]);
  if (second?.kind !== "interpolation" || second.value.kind !== "call") throw new Error("no call");
  assert.is(text.slice(second.start, second.end), '${upper(\\"x\\")}');
  assert.is(text.slice(second.value.nameNode.start, second.value.nameNode.end), "upper");
});

test("other values are literals; numbers keep their digits", () => {
  const { tree } = parse('{"n": 1.50e3, "m": -12345678901234567890, "l": [true, null], "o": {"${k}": false}}');
  const values = tree.items.map((item) => (item.kind === "attribute" ? item.value : undefined));
  assert.equal(
    values.map((value) => value?.kind),
    ["number", "unary", "tuple", "object"],
  );
  assert.is(values[0]?.kind === "number" && values[0].text, "1.50e3");
  assert.is(values[1]?.kind === "unary" && values[1].operand.kind === "number" && values[1].operand.text, "12345678901234567890");
});

test("properties named // are comments of what follows", () => {
  const { tree } = parse('{"//": "one\\ntwo", "a": 1, "//": ["x"]}');
  assert.equal(
    tree.items[0]?.leading.map(({ text }) => text),
    ["// one\n// two"],
  );
  assert.equal(
    tree.dangling.map(({ text }) => text),
    ['// ["x"]'],
  );
});

const refused: readonly (readonly [text: string, error: string])[] = [
  ["", "1:1 Empty JSON document"],
  ['{\n  "a": 1,\n}', "2:9 Trailing comma"],
  ['{\n  "a": 1\n  "b": 2\n}', "3:3 Missing comma"],
  ['{"a": "x', "1:7 Unterminated JSON string"],
  ['{"a": "x\ny"}', "1:9 Invalid JSON string"],
  ["{'a': 1}", "1:2 Invalid JSON object"],
  ['{"a": 01}', "1:7 Invalid JSON number"],
  ['{"a": yes}', "1:7 Invalid JSON keyword"],
  ['{"a": "\\q"}', "1:8 Invalid escape sequence"],
  ['{"a": 1} 2', "1:10 Extra characters after JSON"],
  ['{"a": 1, "a": 2}', "1:10 Attribute redefined"],
  ['{"o": {"a": 1, "a": 2}}', "1:16 Duplicate object attribute"],
  ['{"build": 1}', "1:11 Incorrect JSON value type"],
  ['{"source": {"qemu": "x"}}', "1:21 Incorrect JSON value type"],
  ['{"a": "é ${b c}"}', "1:14 Extra characters in template interpolation"],
  [`${"[".repeat(1000)}`, "1:501 Too deeply nested"],
];

for (const [text, error] of refused) {
  test(`wrong JSON is refused with its place: ${text.slice(0, 30)}`, () => {
    assert.equal(
      parse(text).diagnostics.map(({ summary, subject }) => `${subject?.start.line}:${subject?.start.column} ${summary}`),
      [error],
    );
  });
}

test("bytes that are no text in UTF-8 get one diagnostic that says what they are", () => {
  const read = (...bytes: readonly number[]): (string | undefined)[] =>
    decodeSource("f", Uint8Array.from(bytes)).diagnostics.map(
      ({ code, summary, subject }) => `${code} ${summary} ${subject?.start.line}:${subject?.start.byte}`,
    );
  assert.equal(read(0x61, 0x0a, 0xe9, 0x0a), ["TPK2002 Invalid UTF-8 2:2"]);
  assert.equal(read(0x61, 0xc3), ["TPK2002 Invalid UTF-8 1:1"]);
  assert.equal(read(0x7f, 0x45, 0x4c, 0x46, 0), ["TPK2002 Not a text file 1:4"]);
  assert.equal(read(0xff, 0xfe, 0x61, 0), ["TPK2002 Wrong encoding 1:0"]);
  assert.equal(read(0xef, 0xbb, 0xbf, 0x61), []);
  assert.equal(read(0x61, 0x80), ["TPK2002 Invalid UTF-8 1:1"]);
});

test.run();
