// Numbers, conversion, unification, sets, type constraints and plain data, apart from expressions.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ConversionError } from "../../../src/hcl/eval/conversion-error.ts";
import { convert } from "../../../src/hcl/eval/convert.ts";
import {
  addNumbers,
  type BigNumber,
  ceilNumber,
  compareNumbers,
  divideNumbers,
  exactJsNumber,
  floorNumber,
  multiplyNumbers,
  negateNumber,
  numberFrom,
  numberKey,
  numberText,
  parseNumber,
  subtractNumbers,
  toBigInt,
} from "../../../src/hcl/eval/number.ts";
import { fromPlain, toPlain } from "../../../src/hcl/eval/plain.ts";
import { setFrom } from "../../../src/hcl/eval/set.ts";
import { dynamicType, type Type, typeText } from "../../../src/hcl/eval/type.ts";
import { parseTypeConstraint } from "../../../src/hcl/eval/type-constraint.ts";
import { unify } from "../../../src/hcl/eval/unify.ts";
import { nullValue, stringValue, unknownValue, type Value, withMarks } from "../../../src/hcl/eval/value.ts";
import { parseExpression } from "../../../src/hcl/syntax/parse.ts";
import { SourceText } from "../../../src/hcl/syntax/source-text.ts";
import { jsonOf, placeOf } from "./test-scope.ts";

function constraint(text: string): ReturnType<typeof parseTypeConstraint> {
  const { tree, diagnostics } = parseExpression(new SourceText("type.hcl", text));
  assert.equal(diagnostics, [], text);
  return parseTypeConstraint(tree);
}

function typeOf(text: string): Type {
  const { type, diagnostics } = constraint(text);
  assert.equal(diagnostics, [], text);
  return type;
}

function number(text: string): BigNumber {
  const parsed = parseNumber(text);
  if (parsed === undefined) throw new Error(`${text} is no number`);
  return parsed;
}

test("numbers print as the shortest decimal that reads back the same", () => {
  for (const text of ["0", "-0", "1.5", "-0.001", "123456789012345678901234567890.5", "0.1", "4.35", "1000000000000000000000000"]) {
    assert.is(numberText(number(text)), text);
  }
  assert.is(numberText(number("0012.340")), "12.34");
  assert.is(numberText(number("1.25e-9")), "0.00000000125");
  // The next power of ten up, and a power of two, where neighbours are not equally near.
  assert.is(numberText(number("9.999999999999999999999999999999")), "9.999999999999999999999999999999");
  const power = number((2n ** 700n).toString());
  assert.ok(compareNumbers(number(numberText(power)), power) === 0);
});

test("what is no number is none, and what is too large is refused", () => {
  for (const text of ["", " 1", "1 ", "0x1", "1_0", ".", "1e", "Inf", "--1", "+"]) assert.is(parseNumber(text), undefined, text);
  for (const text of ["1e99999", "1e-99999", "1e999999999999"]) assert.throws(() => parseNumber(text), /too many digits/);
});

test("random sums, products and quotients agree with exact fractions", () => {
  // A fixed sequence: the same numbers on every run.
  let seed = 42n;
  const next = (): bigint => {
    seed = (seed * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    return seed - 2n ** 63n;
  };
  for (let round = 0; round < 200; round++) {
    const [a, b] = [next() * next(), next()];
    const [x, y] = [numberFrom(a), numberFrom(b)];
    assert.is(toBigInt(addNumbers(x, y)), a + b);
    assert.is(toBigInt(subtractNumbers(x, y)), a - b);
    assert.is(toBigInt(multiplyNumbers(x, y)), a * b);
    assert.is(toBigInt(multiplyNumbers(divideNumbers(numberFrom(a * b), y), y)), a * b);
    assert.is(Math.sign(compareNumbers(x, y)), a < b ? -1 : 1);
    assert.is(numberKey(x), numberKey(number(a.toString())));
  }
});

test("rounding to whole numbers goes up and down from negative ones too", () => {
  const both = (text: string): readonly string[] => [numberText(floorNumber(number(text))), numberText(ceilNumber(number(text)))];
  assert.equal(both("-1.5"), ["-2", "-1"]);
  assert.equal(both("2.1"), ["2", "3"]);
  assert.equal(both("1e30"), ["1000000000000000000000000000000", "1000000000000000000000000000000"]);
  assert.is(numberText(negateNumber(divideNumbers(1, 0))), "-Inf");
});

test("a number is a JavaScript number where that has the same decimal text", () => {
  assert.is(exactJsNumber(number("0.1")), 0.1);
  assert.is(exactJsNumber(number("1e21")), 1e21);
  assert.is(exactJsNumber(number("9007199254740993")), undefined);
  assert.is(exactJsNumber(divideNumbers(1, 3)), undefined);
  assert.is(exactJsNumber(divideNumbers(1, 0)), undefined);
});

const converted: readonly (readonly [data: unknown, type: string, result: string])[] = [
  [12, "string", '"12"'],
  [true, "string", '"true"'],
  ["1.50", "number", "1.5"],
  ["true", "bool", "true"],
  ["0", "bool", "false"],
  ["True", "bool", 'a bool is required: write "true" in lower case'],
  ["ten", "number", "a number is required, not a string"],
  [5, "bool", "a bool is required, not a number"],
  [["a", 1], "list(string)", '["a","1"]'],
  [["b", "a", "b"], "set(string)", '["a","b"]'],
  [["10", "9", "10.0"], "set(number)", "[9,10]"],
  [["a", 1, null], "list(any)", '["a","1",null]'],
  [[], "list(any)", "[]"],
  [[1, ["a"]], "list(any)", "all elements must have the same type"],
  [["1", "x"], "list(number)", "element 1: a number is required, not a string"],
  [["1", 2], "tuple([number, string])", '[1,"2"]'],
  [["1"], "tuple([number, string])", "a tuple of 2 elements is required, not of 1"],
  [{ a: 1, b: "x" }, "map(string)", '{"a":"1","b":"x"}'],
  [{ a: 1, b: true }, "map(any)", "all elements must have the same type"],
  [{ a: "1", b: 2 }, "object({ a = number })", '{"a":1}'],
  [{ b: 2 }, "object({ a = number, c = string })", 'the attributes "a", "c" are required'],
  [
    { list: [{ a: "x" }] },
    "object({ list = list(object({ a = number })) })",
    'attribute "list", element 0, attribute "a": a number is required, not a string',
  ],
  [{}, "object({ a = optional(string), b = optional(number, 8) })", '{"a":null,"b":8}'],
  [{ b: null }, "object({ b = optional(number, 8) })", '{"b":8}'],
  [
    [{ id: 1 }, { id: 2, on: true }],
    "list(object({ id = number, on = optional(bool, false) }))",
    '[{"id":1,"on":false},{"id":2,"on":true}]',
  ],
  [["a"], "map(string)", "a map(string) is required, not a tuple"],
  ["a", "list(string)", "a list(string) is required, not a string"],
  [null, "list(string)", "null"],
];

test("values convert to the types of variables, or say where they do not", () => {
  const differences = converted.flatMap(([data, type, expected]) => {
    const given = conversion(fromPlain(data), typeOf(type));
    return given === expected ? [] : [`${JSON.stringify(data)} to ${type}: expected ${expected}, given ${given}`];
  });
  assert.equal(differences, []);
});

function conversion(value: Value, type: Type): string {
  try {
    return jsonOf(convert(value, type)) ?? "unknown";
  } catch (error) {
    if (error instanceof ConversionError) return error.message;
    throw error;
  }
}

test("the type of a converted value has nothing optional in it", () => {
  const type = typeOf("list(object({ id = number, on = optional(bool, false) }))");
  for (const value of [fromPlain([{ id: 1 }]), fromPlain([]), nullValue(), unknownValue(dynamicType)]) {
    assert.is(typeText(convert(value, type).type), "list(object({id=number,on=bool}))");
  }
});

test("a safe conversion refuses what could fail", () => {
  assert.throws(() => convert(stringValue("1"), typeOf("number"), { isSafe: true }), /a number is required/);
  assert.is(jsonOf(convert(fromPlain(1), typeOf("string"), { isSafe: true })), '"1"');
});

test("conversion keeps marks where they are; in a set they belong to the set", () => {
  const secret = withMarks(stringValue("s"), { sensitive: true });
  const list = convert({ ...fromPlain(["s", "t"]), kind: "sequence", elements: [secret, stringValue("t")] }, typeOf("list(string)"));
  assert.equal(list.kind === "sequence" && list.elements.map(({ sensitive }) => sensitive), [true, false]);
  assert.not.ok(list.sensitive);
  assert.ok(convert(list, typeOf("set(string)")).sensitive);
  const waiting = unknownValue(dynamicType, { waitsFor: [{ kind: "build", path: ["Host"] }] });
  const set = setFrom(typeOf("string"), [waiting, stringValue("t")]);
  assert.equal([set.kind, set.waitsFor], ["unknown", waiting.waitsFor]);
});

const unified: readonly (readonly [types: readonly string[], result: string | undefined])[] = [
  [[], "any"],
  [["string", "number", "bool"], "string"],
  [["number", "bool"], undefined],
  [["list(string)", "tuple([number, bool])"], "list(string)"],
  [["tuple([string])", "tuple([number])"], "tuple([string])"],
  [["tuple([string])", "tuple([])"], "list(string)"],
  [["object({ a = string })", "object({ a = number })"], "object({a=string})"],
  [["object({ a = string })", "object({ b = number })"], "map(string)"],
  [["map(number)", "object({ a = string })"], "map(string)"],
  [["list(number)", "set(string)"], "list(number)"],
  [["tuple([])", "object({})"], undefined],
  [["tuple([any])", "any"], "any"],
];

test("several types become the one that all convert to", () => {
  for (const [types, expected] of unified) {
    const type = unify(types.map(typeOf));
    assert.is(type === undefined ? undefined : typeText(type), expected, types.join(" and "));
  }
});

test("types that nest deeply and differ at the bottom are compared in reasonable time", () => {
  const nested = (text: string): Type => typeOf(`${"tuple([".repeat(60)}${text}${"])".repeat(60)}`);
  assert.is(unify([nested("number"), nested("bool")]), undefined);
  assert.ok(unify([nested("number"), nested("string")]));
});

test("type constraints that are wrong say where and what to write", () => {
  const cases: readonly (readonly [text: string, place: string, advice: RegExp])[] = [
    ["list", "1:1-1:5", /list\(string\)/],
    ["map", "1:1-1:4", /map\(string\)/],
    ['"string"', "1:1-1:9", /Write string\./],
    ["strin", "1:1-1:6", /Did you mean "string"/],
    ["list(strng)", "1:6-1:11", /Did you mean "string"/],
    ["list()", "1:1-1:7", /list\(string\)/],
    ["map(string, number)", "1:13-1:19", /map\(string\)/],
    ["optional(string)", "1:1-1:17", /attributes of an object/],
    ['object({ a = optional(number, "x") })', "1:31-1:34", /a number is required/],
    ["object({ a = optional(number, nosuch) })", "1:31-1:37", /may not be used here/],
    ["object({ a = string, a = number })", "1:22-1:23", /twice/],
    ["1 + 1", "1:1-1:6", /A type is needed/],
  ];
  for (const [text, place, advice] of cases) {
    const { diagnostics } = constraint(text);
    assert.is(diagnostics.map(placeOf).join(), place, text);
    assert.match(`${diagnostics[0]?.detail} ${diagnostics[0]?.hint}`, advice);
  }
});

test("plain data goes there and back", () => {
  const data = { text: "a", list: [1, 2.5, [null]], on: true, __proto__x: { deep: {} } };
  assert.equal(toPlain(fromPlain(data)), data);
  assert.is(toPlain(fromPlain(9007199254740993n)), "9007199254740993");
  assert.equal(Object.keys(toPlain(fromPlain(JSON.parse('{"__proto__": 1}'))) as object), ["__proto__"]);
  assert.throws(() => fromPlain({ f: () => 1 }), /a function is no value/);
});

test.run();
