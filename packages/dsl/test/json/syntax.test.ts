import { test } from "uvu";
import * as assert from "uvu/assert";
import { SourceText } from "../../src/hcl/syntax/source-text.ts";
import { parseJsonTree } from "../../src/json/syntax/parse.ts";
import { findProperty, plainJson, rangeOf } from "../../src/json/syntax/tree.ts";

const parse = (text: string) => parseJsonTree(new SourceText("t.json", text));

// [what, text]: the value is what JSON.parse gives
const valid: readonly (readonly [string, string])[] = [
  ["an empty object", "{}"],
  ["nested values in order", '{"b":[1,-2.5e3,true,false,null,{"a":{}}],"a":[]}'],
  ["escapes", String.raw`["\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"]`],
  ["white space of all kinds", ' \r\n\t{ \n"a" :\r\n1 , "b" : [ ] }\n'],
  ["characters beyond ASCII", '{"größe":"日本語 👍🏽"}'],
  ["names of object's own properties", '{"constructor":1,"toString":{"valueOf":2}}'],
];
for (const [what, text] of valid) {
  test(`reads ${what}`, () => {
    const { root, diagnostics } = parse(text);
    assert.equal(diagnostics, []);
    assert.equal(root === undefined ? undefined : plainJson(root), JSON.parse(text));
  });
}

// [what, text, "line:column message"…]
const invalid: readonly (readonly [string, string, ...RegExp[]])[] = [
  ["an empty file", "", /^1:1 The file is empty\. \(line 1, column 1, offset 0\)/],
  [
    "a comma behind the last member, twice",
    '{"a":[1,],\n"b":2,}',
    /^1:8 There is a comma behind the last member of the list/,
    /^2:6 There is a comma/,
  ],
  ["a missing comma", '{"a":1\n"b":2}', /^1:7 A comma is missing in the object/],
  ["comments", '{ // hi\n"a": 1 /* there */ }', /^1:3 JSON has no comments/],
  ["a value without quotes", '{"a": yes}', /^1:7 "yes" is no value of JSON/],
  ["a name without quotes", "{a: 1}", /^1:2 A name in double quotes is expected here, not "a"/],
  ["a missing colon", '{"a" 1}', /^1:6 A colon is expected behind the name "a", not "1"/],
  ["single quotes", "['a']", /^1:2 A value is expected here, not "'"/],
  ["a text that is not closed", '["a\n"]', /^1:2 The text is not closed/],
  ["an escape that is none", String.raw`["\x"]`, /^1:3 \\x is no escape of JSON/],
  ["a short unicode escape", String.raw`["\u12"]`, /^1:3 \\u is no escape/],
  ["a tab in a text", '["a\tb"]', /^1:4 A control character may not stand in a text/],
  ["a number with a leading zero", "[01]", /^1:2 This is not a number/],
  ["an object that is not closed", '{"a":[1', /^1:8 The file ends inside the list that begins in line 1: "\]" is missing/],
  ["two values", "{} {}", /^1:4 There is "\{" behind the end of the value/],
  ["a binary file", "\u0000\u0001ELF", /^1:1 A value is expected here, not the character U\+0000/],
  [
    "names that stand twice, at any depth",
    '{"a":1,"b":{"c":1,"c":2},"a":3}',
    /^1:19 The object has the name "c" twice/,
    /^1:26 The object has the name "a" twice/,
  ],
  ["columns of graphemes", '{"👍🏽": x}', /^1:7 "x" is no value/],
];
for (const [what, text, ...expected] of invalid) {
  test(`tells ${what}`, () => {
    const told = parse(text).diagnostics.map(({ subject, detail }) => `${subject?.start.line}:${subject?.start.column} ${detail}`);
    assert.is(told.length, expected.length, told.join("\n"));
    expected.forEach((pattern, index) => void assert.match(told[index] ?? "", pattern));
  });
}

test("a repeated name is told with both places, and the first one is kept", () => {
  const { root, diagnostics } = parse('{"a":1,\n"a":2}');
  assert.is(diagnostics[0]?.code, "TPK2202");
  assert.is(diagnostics[0]?.related?.[0]?.at.start.line, 1);
  assert.equal(root === undefined ? undefined : plainJson(root), { a: 1 });
});

test("places count bytes behind a byte order mark", () => {
  const { root } = parse('\ufeff{"é": [true]}');
  assert.is(root?.kind, "object");
  const value = root?.kind === "object" ? findProperty(root, "é")?.value : undefined;
  assert.equal(value && rangeOf(value), {
    file: "t.json",
    start: { line: 1, column: 7, byte: 10 },
    end: { line: 1, column: 13, byte: 16 },
  });
});

test("depth is bounded", () => {
  for (const text of ["[".repeat(100_000), '{"a":'.repeat(100_000)]) assert.is(parse(text).diagnostics[0]?.code, "TPK2003");
  assert.equal(parse("[".repeat(200) + "]".repeat(200)).diagnostics, []);
});

test("numbers that JavaScript cannot hold stay text", () => {
  const { root } = parse("[9007199254740993, 0.1, 1e999, 10]");
  assert.equal(root && plainJson(root), ["9007199254740993", 0.1, "1e999", 10]);
});

test("time grows with the text", () => {
  const ofLines = (count: number) => {
    const text = `[${Array.from({ length: count }, (_, index) => `{"name${index}": "va\\nlue", "list": [1, 2, {"a": null}]}`).join(",\n")}]`;
    const start = process.cpuUsage().user;
    assert.equal(parse(text).diagnostics, []);
    return process.cpuUsage(undefined).user - start;
  };
  ofLines(2_000);
  const small = Math.max(ofLines(5_000), 2_000);
  assert.ok(ofLines(50_000) < small * 60);
});

test.run();
