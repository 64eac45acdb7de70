import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeTypedGob, encodeTypedGob } from "../../../src/protocol/cty/gob-value.ts";
import { formatTypedJson, parseTypedJson } from "../../../src/protocol/cty/json.ts";
import { decodeTypedMsgpack, encodeTypedMsgpack } from "../../../src/protocol/cty/msgpack.ts";
import { decimalText, exactNumber } from "../../../src/protocol/cty/number.ts";
import type { CtyType, CtyValue, TypedValue } from "../../../src/protocol/cty/type.ts";
import { mutations, seededRandom } from "../mutations.ts";

const samples: { values: { [name: string]: { gob?: string; msgpack: string; json?: string } } } = JSON.parse(
  readFileSync(new URL("../fixtures/go-samples.json", import.meta.url), "utf8"),
);
const fromHex = (hex: string | undefined): Buffer => Buffer.from((hex ?? "").replaceAll(" ", ""), "hex");

/** What Go's samples mean. */
const meanings: { readonly [sample: string]: unknown } = {
  ds: { id: "ds", i: 300, e: 1.5, l: ["x"], m: { k: true }, nul: null },
  numbers: {
    big: "123456789012345678901234567890.5",
    f: 0.1,
    huge: 1e100,
    inf: Number.POSITIVE_INFINITY,
    max: "18446744073709551615",
    min: "-9223372036854775808",
    neg: -129,
    small: -2.5e-30,
    tenth: 0.1,
    third: `0.${"3".repeat(153)}35`,
    two70: 2 ** 70,
    zero: 0,
  },
  empties: { l: [], m: {}, t: [], o: {}, s: "", no: false, nl: null },
  nested: {
    bl: [
      { a: "1", n: 2 },
      { a: null, n: 3 },
    ],
    tup: ["<a&b>", 1, true],
    ll: [[5]],
    esc: 'é\u2028\u0000"\\\n\t\u007f😀',
  },
  set: { s: ["a", "b"] },
  null: null,
  str: "x",
};

for (const [name, { gob, msgpack, json }] of Object.entries(samples.values)) {
  test(`Go's sample ${name} means the same in JSON, msgpack and gob`, () => {
    const meaning = meanings[name];
    assert.equal(decodeTypedMsgpack(fromHex(msgpack)), meaning);
    if (json !== undefined) assert.equal(parseTypedJson(Buffer.from(json)), meaning);
    if (gob !== undefined) assert.equal(decodeTypedGob(fromHex(gob)), meaning);
  });
}

const text: CtyType = { kind: "string" };
const number: CtyType = { kind: "number" };

test("JSON is written as Go writes it, with its escapes", () => {
  const type: CtyType = {
    kind: "object",
    attributes: new Map<string, CtyType>([
      ["s", text],
      ["n", number],
      ["nul", text],
      ["l", { kind: "list", element: text }],
    ]),
  };
  const value = new Map<string, CtyValue>([
    ["s", "<x>&\u2028"],
    ["n", 3],
    ["nul", null],
    ["l", ["a"]],
  ]);
  assert.is(
    formatTypedJson({ type, value }),
    '{"value":{"l":["a"],"n":3,"nul":null,"s":"\\u003cx\\u003e\\u0026\\u2028"},' +
      '"type":["object",{"l":["list","string"],"n":"number","nul":"string","s":"string"}]}',
  );
});

test("the type may come before the value, and values of dynamic type bring their own", () => {
  const json = '{"type":["tuple",["dynamic","dynamic"]],"value":[{"type":["list","number"],"value":[1,2.50]},null]}';
  assert.equal(parseTypedJson(Buffer.from(json)), [[1, 2.5], null]);
});

const exactNumbers: readonly (readonly [string, number | string])[] = [
  ["3", 3],
  ["-0.50", -0.5],
  ["1e3", 1000],
  ["0.1", 0.1],
  ["9007199254740993", "9007199254740993"],
  ["0.10000000000000000001", "0.10000000000000000001"],
  ["1e400", `1${"0".repeat(400)}`],
  ["1.5e-400", `0.${"0".repeat(399)}15`],
  ["-0", 0],
];
test("numbers are exact in every form, as decimal text where JavaScript would round", () => {
  for (const [written, expected] of exactNumbers) {
    assert.is(exactNumber(written), expected, written);
    const value: TypedValue = { type: number, value: expected };
    assert.is(parseTypedJson(Buffer.from(`{"value":${written},"type":"number"}`)), expected, written);
    assert.is(parseTypedJson(Buffer.from(formatTypedJson(value))), expected, `${written} as JSON`);
    assert.is(decodeTypedMsgpack(encodeTypedMsgpack(value)), expected, `${written} as msgpack`);
    assert.is(decodeTypedGob(encodeTypedGob(value)), expected, `${written} as gob`);
  }
  for (const text of ["", ".", "1.2.3", "0x10", "1e", "NaN", "--1"]) assert.is(exactNumber(text), undefined, text);
  assert.is(decimalText(1e21), "1000000000000000000000");
});

test("a fraction that a double only approximates goes through msgpack as text", () => {
  assert.is(encodeTypedMsgpack({ type: number, value: 0.1 }).toString("hex"), "92c40822" + "6e756d62657222" + "a3302e31");
  assert.is(encodeTypedMsgpack({ type: number, value: 1.5 }).toString("hex"), "92c40822" + "6e756d62657222" + "cb3ff8000000000000");
});

test("generated values come back from every form", () => {
  for (let seed = 0; seed < 150; seed++) {
    const random = seededRandom(seed);
    const type = randomType(random, 3);
    const value = randomValue(type, random);
    const expected = plain(value);
    const typed = { type, value };
    assert.equal(parseTypedJson(Buffer.from(formatTypedJson(typed))), expected);
    assert.equal(decodeTypedMsgpack(encodeTypedMsgpack(typed)), expected);
    assert.equal(decodeTypedGob(encodeTypedGob(typed)), expected);
  }
});

test("a value that does not have its type is not written", () => {
  const wrong: readonly TypedValue[] = [
    { type: text, value: 1 },
    { type: { kind: "list", element: text }, value: "x" },
    { type: { kind: "tuple", elements: [text] }, value: ["a", "b"] },
    { type: { kind: "object", attributes: new Map() }, value: new Map([["extra", "x"]]) },
  ];
  for (const value of wrong) {
    for (const write of [formatTypedJson, encodeTypedMsgpack, encodeTypedGob]) assert.throws(() => write(value), /does not have|attribute/);
  }
});

const refusedJson = [
  "",
  "{",
  "[]",
  '{"value":1}',
  '{"value":1,"type":"integer"}',
  '{"value":"x","type":"number"}',
  '{"value":{},"type":["object",{"a":"string"}]}',
  '{"value":[1],"type":["tuple",[]]}',
  '{"value":01,"type":"number"}',
  '{"value":"\u0001","type":"string"}',
  '{"value":"x","type":"string"} x',
  `{"value":${"[".repeat(5000)}${"]".repeat(5000)},"type":"string"}`,
  `{"value":1,"type":${'["list",'.repeat(5000)}"string"${"]".repeat(5000)}}`,
];
test("JSON that is no value is refused without its text in the message", () => {
  for (const json of refusedJson) {
    assert.throws(
      () => parseTypedJson(Buffer.from(json)),
      (error: Error & { code?: string }) => error.code === "TPK4002" && error.message.length < 100,
      json.slice(0, 60),
    );
  }
});

test("values that are unknown, and other data than one value, are refused in msgpack", () => {
  const refused = [
    "",
    "92c40822737472696e6722d40000",
    "92c40822737472696e6722",
    "92c40822737472696e6722a178c0",
    "01",
    "92c40822737472696e672201",
    "c1",
  ];
  for (const hex of refused) {
    assert.throws(
      () => decodeTypedMsgpack(fromHex(hex)),
      (error: { code?: string }) => error.code === "TPK4002",
      hex,
    );
  }
});

test("numbers of absurd size are refused in gob at once", () => {
  // A big.Float of 1 bit with an exponent of 2^31 - 1.
  const whole = encodeTypedGob({ type: number, value: 1 });
  const at = whole.indexOf(fromHex("0000020000000001"));
  assert.ok(at > 0, "the number was not found");
  const huge = Buffer.from(whole);
  huge.writeInt32BE(0x7fffffff, at + 4);
  assert.throws(() => decodeTypedGob(huge), /out of range/);
});

test("damaged values are read or refused in every form, and never do harm", () => {
  const readers: readonly (readonly [(bytes: Buffer) => unknown, Buffer])[] = [
    [parseTypedJson, Buffer.from(samples.values.nested?.json ?? "")],
    [decodeTypedMsgpack, fromHex(samples.values.nested?.msgpack)],
    [decodeTypedMsgpack, fromHex(samples.values.numbers?.msgpack)],
    [decodeTypedGob, fromHex(samples.values.numbers?.gob)],
    [decodeTypedGob, fromHex(samples.values.set?.gob)],
  ];
  for (const [read, sample] of readers) {
    let refused = 0;
    for (const damaged of mutations(sample, { count: 1000, seed: 3 })) {
      try {
        read(damaged);
      } catch (error) {
        assert.is((error as { code?: string }).code, "TPK4002", String(error));
        refused++;
      }
    }
    assert.ok(refused > 100, `only ${refused} were refused`);
  }
});

function randomType(random: (limit: number) => number, depth: number): CtyType {
  const inner = (): CtyType => randomType(random, depth - 1);
  switch (random(depth > 0 ? 7 : 3)) {
    case 0:
      return text;
    case 1:
      return number;
    case 2:
      return { kind: "bool" };
    case 3:
      return { kind: random(2) === 0 ? "list" : "set", element: inner() };
    case 4:
      return { kind: "map", element: inner() };
    case 5:
      return { kind: "tuple", elements: Array.from({ length: random(4) }, inner) };
    default:
      return { kind: "object", attributes: new Map(Array.from({ length: random(4) }, (_, index) => [`a${index}`, inner()])) };
  }
}

function randomValue(type: CtyType, random: (limit: number) => number): CtyValue {
  if (random(8) === 0) return null;
  const list = (element: CtyType): CtyValue[] => Array.from({ length: random(4) }, () => randomValue(element, random));
  switch (type.kind) {
    case "number":
      return [0, -1, 255, 65536, 2 ** 40, -0.125, 0.3, "12345678901234567890123", "-0.1234567890123456789"][random(9)] ?? 0;
    case "bool":
      return random(2) === 0;
    case "list":
    case "set":
      return list(type.element);
    case "tuple":
      return type.elements.map((element) => randomValue(element, random));
    case "map":
      return new Map(list(type.element).map((item, index) => [["", "<k>", "日本"][index] ?? "k", item]));
    case "object":
      return new Map([...type.attributes].map(([name, attribute]) => [name, randomValue(attribute, random)]));
    default:
      return ["", "x", "\u0000😀", "&".repeat(300)][random(4)] ?? "";
  }
}

function plain(value: CtyValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, item]) => [name, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

test.run();
