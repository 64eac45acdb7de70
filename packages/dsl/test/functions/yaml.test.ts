import { test } from "uvu";
import * as assert from "uvu/assert";
import { stringFunctions } from "../../src/functions/string.ts";
import { yamlFunctions } from "../../src/functions/yaml.ts";
import { Calls } from "./calls.ts";

const calls = new Calls([...yamlFunctions, ...stringFunctions]);

/** A value and the lines of its document. */
function writes(cases: readonly (readonly [expression: string, text: string])[]): void {
  calls.check(cases.map(([expression, text]) => [`yamlencode(${expression})`, JSON.stringify(text)]));
}

/** A document and the JSON of its value, or its refusal. */
function reads(cases: readonly (readonly [text: string, expected: string | RegExp])[]): void {
  calls.check(
    cases.map(([text, expected]) => [`yamldecode(${JSON.stringify(text).replaceAll("${", "$${").replaceAll("%{", "%%{")})`, expected]),
  );
}

const groups = (separator: string, size = 10) => Array.from({ length: 9 }, () => "0123456789".slice(0, size)).join(separator);

test("examples hold", () => calls.checkExamples());

test("collections are written in blocks", () => {
  writes([
    ["[]", "[]\n"],
    ["{}", "{}\n"],
    ["[[], {}]", "- []\n- {}\n"],
    ["[[1, 2], [3]]", "- - 1\n  - 2\n- - 3\n"],
    ["[{a = 1, b = 2}, {c = {d = [1]}}]", '- "a": 1\n  "b": 2\n- "c":\n    "d":\n    - 1\n'],
    ['{a = ["x"], b = [{c = ["d"]}]}', '"a":\n- "x"\n"b":\n- "c":\n  - "d"\n'],
    ["[[{a = 1}]]", '- - "a": 1\n'],
    ['{a = 1, B = 2, a10 = 3, a9 = 4, "_" = 5, "1" = 6}', '"1": 6\n"B": 2\n"_": 5\n"a": 1\n"a10": 3\n"a9": 4\n'],
    ["{b = null, a = {}, c = [], d = [{}], e = true}", '"a": {}\n"b": null\n"c": []\n"d":\n- {}\n"e": true\n'],
  ]);
});

test("scalars at the top end with dots unless they are quoted", () => {
  writes([
    ["1.5", "1.5\n...\n"],
    ["1e30", "1000000000000000000000000000000\n...\n"],
    ["1/0", "+Inf\n...\n"],
    ["true", "true\n...\n"],
    ["null", "null\n...\n"],
    ['"true"', '"true"\n'],
    ['""', '""\n'],
  ]);
});

test("text of several lines is a literal block where it can be", () => {
  writes([
    ['"a\\nb"', "|-\n  a\n  b\n"],
    ['"a\\nb\\n"', "|\n  a\n  b\n"],
    ['"a\\n\\n"', "|+\n  a\n\n"],
    ['"\\n"', "|2+\n\n"],
    ['"\\na"', "|2-\n\n  a\n"],
    ['" a\\nb"', "|2-\n   a\n  b\n"],
    ['"a\\n\\nb\\n\\n\\n"', "|+\n  a\n\n  b\n\n\n"],
    ['"- \\"x\\\\\\n#y"', '|-\n  - "x\\\n  #y\n'],
    ['{a = "  lead\\nx", b = ["x\\ny\\n", "z"]}', '"a": |2-\n    lead\n  x\n"b":\n- |\n  x\n  y\n- "z"\n'],
    ['{a = {b = "x\\ny\\n"}}', '"a":\n  "b": |\n    x\n    y\n'],
    ['[{a = "x\\ny\\n"}]', '- "a": |\n    x\n    y\n'],
    ['"a\\n "', '"a\\n "\n'],
    ['"trailing \\nx"', '"trailing \\nx"\n'],
    ['"a\\r\\nb"', '"a\\r\\nb"\n'],
    ['"a\\n\\tb"', '"a\\n\\tb"\n'],
    ['"😀\\nb"', '"\\U0001F600\\nb"\n'],
    ['"a\\u0001\\nb"', '"a\\x01\\nb"\n'],
  ]);
});

test("what is not plain is escaped, and long text is folded", () => {
  writes([
    [`"a\\tb\\"c\\\\d'e"`, `"a\\tb\\"c\\\\d'e"\n`],
    ['"ü€\\u0007\\u0085\\u00a0\\u2028\\ufeff\\u001b"', '"ü€\\a\\N\u00a0\\L\\uFEFF\\e"\n'],
    [`"${groups("")}"`, `"${groups("")}"\n`],
    [`"${groups(" ")}"`, `"${groups(" ").slice(0, 87)}\n  0123456789"\n`],
    [`"${groups("  ")}"`, `"${groups("  ").slice(0, 82)}\n  \\ 0123456789  0123456789"\n`],
    [`[[["${groups(" ", 8)}"]]]`, `- - - "${groups(" ", 8)}"\n`],
    [`{"${groups(" ")}" = 1, "a\\nb" = 2}`, `"${groups(" ")}": 1\n? |-\n  a\n  b\n: 2\n`],
    [`{"${groups("")}${groups("")}" = [1]}`, `? "${groups("")}${groups("")}"\n:\n- 1\n`],
  ]);
});

test("plain scalars have the types of YAML 1.1, but for octal, hexadecimal and base 60", () => {
  for (const text of ["y", "Yes", "on", "ON", "true", "TRUE"]) reads([[text, "true"]]);
  for (const text of ["n", "No", "off", "Off", "false", "False"]) reads([[text, "false"]]);
  for (const text of ["~", "null", "Null", "NULL", "- \n"]) reads([[text, text.startsWith("-") ? "[null]" : "null"]]);
  for (const text of ["tRUE", "oN", "0x1F", "0o17", "-0x1F", "1:30", "1.2.3", "1a", "+", ".", "_1", ".5_5", "=", "1e", "2001-13-01"]) {
    reads([[text, JSON.stringify(text)]]);
  }
  reads([
    ["017", "17"],
    ["0b11", "3"],
    ["-0b11", "-3"],
    ["1_000", "1000"],
    ["1e3", "1000"],
    ["+1.5e-3", "0.0015"],
    [".5", "0.5"],
    ["5.", "5"],
    ["12345678901234567890.5", "12345678901234567890.5"],
    ["2001-01-01", '"2001-01-01T00:00:00Z"'],
    ["2001-1-1", '"2001-01-01T00:00:00Z"'],
    ["2001-12-14t21:59:43.10-05:00", '"2001-12-14T21:59:43-05:00"'],
    ["2001-12-14 21:59:43", '"2001-12-14T21:59:43Z"'],
    ["'1'", '"1"'],
    ['"yes"', '"yes"'],
    ["|\n 1\n", '"1\\n"'],
  ]);
  calls.check([['yamldecode("-.inf") == -1/0', "true"]]);
  assert.is(calls.type('yamldecode("[1, x, ~]")'), "tuple([number,string,any])");
});

test("tags, anchors and merges", () => {
  reads([
    ["!!str 1", '"1"'],
    ["!!str ~", '"~"'],
    ['!!int "1"', "1"],
    ["!!float 1", "1"],
    ["!!bool yes", "true"],
    ["!!null x", "null"],
    ["!!binary aGVsbG8=", '"aGVsbG8="'],
    ["!!timestamp 2001-01-01", '"2001-01-01T00:00:00Z"'],
    ["a: !!map {}\nb: !!seq []", '{"a":{},"b":[]}'],
    ["a: &x {k: 1}\nb: *x", '{"a":{"k":1},"b":{"k":1}}'],
    ["a: &x 1\nb: &x 2\nc: *x", '{"a":1,"b":2,"c":2}'],
    ["a: &x {k: 1, j: 1}\nb:\n  j: 2\n  <<: *x", '{"a":{"j":1,"k":1},"b":{"j":2,"k":1}}'],
    ["a: <<\n'<<': 1", '{"<<":1,"a":"<<"}'],
    ["!foo bar", /tag that is not supported: !foo/],
    ["! 1", /tag that is not supported: !/],
    ["!!set {a, b}", /mapping with a tag/],
    ["!!omap [a: 1]", /list with a tag/],
    ["!!str [x]", /list with a tag/],
    ["!!int x", /no !!int: "x"/],
    ["!!int 1.5", /no !!int/],
    ["!!bool x", /no !!bool/],
    ["!!binary '?'", /no !!binary/],
    ["a: &x [*x]", /"x" refers to itself/],
    ["*foo", /no anchor "foo"/],
    ["b:\n  <<: [1]", /merges/],
    [".nan", /not a number/],
    ["1e99999", /too many digits/],
  ]);
});

test("documents and mappings", () => {
  reads([
    ["1: a\ntrue: b\n1.0: c\n", '{"1":"c","true":"b"}'],
    ["a: 1\na: 2", '{"a":2}'],
    ["---\na: 1\n...\n", '{"a":1}'],
    ["a: {b, c: 1}\nd:\n", '{"a":{"b":null,"c":1},"d":null}'],
    ["[a, b: c]", '["a",{"b":"c"}]'],
    ["? a\n: b", '{"a":"b"}'],
    ["a: >\n  x\n  y\nb: x\n  y # c\n", '{"a":"x y\\n","b":"x y"}'],
    ["", /no YAML document/],
    ["# c\n", /no YAML document/],
    ["a: 1\n---\nb: 2", /more than one/],
    ["a\n...\nb", /more than one/],
    ["~: a", /null for a key/],
    ["[a]: b", /list or mapping for a key/],
    ["a: b: c", /not valid YAML: .* at line 1, column 4\.$/],
    ["a: [1", /not valid YAML/],
    ['a: "x', /not valid YAML/],
    ["\tx: 1", /not valid YAML/],
    ["a: @x", /not valid YAML/],
  ]);
});

test("documents that grow by aliases or depth are refused", () => {
  const laughs = Array.from(
    { length: 12 },
    (_, index) =>
      `a${index}: &a${index} [${Array(10)
        .fill(index === 0 ? "x" : `*a${index - 1}`)
        .join(", ")}]`,
  );
  reads([
    [laughs.join("\n"), /more than 1000000 values/],
    ["[".repeat(600) + "]".repeat(600), /nested deeper than 500/],
    ["[".repeat(50_000), /nested too deeply|not valid YAML/],
  ]);
});

test.run();
