import { spawnSync } from "node:child_process";
import { dependencyName } from "@tspack/core";
import { lab } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { stringType, typeText } from "../../src/hcl/eval/type.ts";
import { deepMarksOf, referenceValue, stringValue, tupleValue, type Value, withMarks } from "../../src/hcl/eval/value.ts";
import { errorsOf, jsonOf, valueIn } from "./evaluating.ts";

/** Expression, JSON of its value, its type. */
const results: readonly (readonly [string, string, string?])[] = [
  ["alltrue([])", "true"],
  ["alltrue([true, null])", "false"],
  ["anytrue([])", "false"],
  ["anytrue([null, true])", "true"],
  ['anytrue(["false", false])', "false"],
  ["chunklist([1, 2, 3, 4, 5], 2)", "[[1,2],[3,4],[5]]", "list(list(number))"],
  ["chunklist([1, 2], 0)", "[[1,2]]"],
  ["chunklist([], 2)", "[]"],
  ["coalesce(null, 2)", "2"],
  ['coalesce("", "b")', '"b"'],
  ['coalesce(1, "b")', '"1"', "string"],
  ["coalesce([], [1])", "[]"],
  ["coalescelist([], [1], [2])", "[1]"],
  ["coalescelist(null, [1])", "[1]"],
  ['compact(["a", "", null, 1])', '["a","1"]', "list(string)"],
  ['concat(["a"], [1, true])', '["a",1,true]', "tuple([string,number,bool])"],
  ["concat(sort([2]), sort([1]))", '["2","1"]', "list(string)"],
  ["concat([])", "[]"],
  ['contains(["a"], "a")', "true"],
  ['contains(["1"], 1)', "false"],
  ["contains([], 1)", "false"],
  ["contains([[1]], [1])", "true"],
  ['distinct([1, "1", 2])', '["1","2"]', "list(string)"],
  ['element(["a", "b", "c"], 3)', '"a"'],
  ['element(["a", "b", "c"], -4)', '"c"'],
  ['element(["a", 1], "1")', "1", "number"],
  ['flatten(["a", [], [["b"], { c = [1] }]])', '["a","b",{"c":[1]}]'],
  ["flatten(setunion([2], [1]))", "[1,2]", "tuple([number,number])"],
  ['index(["a", "b"], "b")', "1"],
  ["keys({ b = 1, a = 2, B = 3 })", '["B","a","b"]', "tuple([string,string,string])"],
  ["keys(convert({ b = 1 }, map(number)))", '["b"]', "list(string)"],
  ['length("")', "0"],
  ['length("👨‍👩‍👧‍👦e\\u0301")', "2"],
  ["length({ a = 1 })", "1"],
  ["length(setunion([1], [1]))", "1"],
  ['lookup({ a = 1, b = "x" }, "a", "none")', "1", "number"],
  ['lookup({ a = 1 }, "b", ["none"])', '["none"]'],
  ['lookup(convert({ a = 1 }, map(string)), "b", 5)', '"5"', "string"],
  ['lookup({ a = null }, "a", 5)', "null"],
  ["merge({ a = 1, b = 2 }, { b = [3] }, null)", '{"a":1,"b":[3]}', "object({a=number,b=tuple([number])})"],
  ["merge(convert({ a = 1 }, map(string)), convert({ b = 1 }, map(string)))", '{"a":"1","b":"1"}', "map(string)"],
  ["merge()", "{}", "object({})"],
  ["range(0)", "[]"],
  ["range(3)", "[0,1,2]", "list(number)"],
  ["range(-3)", "[0,-1,-2]"],
  ["range(1, 2, 0.25)", "[1,1.25,1.5,1.75]"],
  ["range(5, 1)", "[5,4,3,2]"],
  ["range(5, 1, -2)", "[5,3]"],
  ["length(range(1024))", "1024"],
  ['reverse(["a", 1])', '[1,"a"]', "tuple([number,string])"],
  ["reverse(setunion([1, 2], [3]))", "[3,2,1]", "list(number)"],
  ['setintersection(["a", "b"], ["b"], ["b", "c"])', '["b"]', "set(string)"],
  ['setintersection([1, 2], ["2"])', '["2"]'],
  ["setunion([10, 9], [1])", "[1,9,10]", "set(number)"],
  ["setunion([], [])", "[]"],
  ['setproduct(["a"], [1, 2])', '[["a",1],["a",2]]', "list(tuple([string,number]))"],
  ['setproduct(setunion(["b", "a"]), [1])', '[["a",1],["b",1]]', "set(tuple([string,number]))"],
  ["setproduct([], [1])", "[]"],
  ['slice(["a", 1, true], 1, 3)', "[1,true]", "tuple([number,bool])"],
  ["slice([1], 1, 1)", "[]"],
  ['sort(["b", "a", "é", "B"])', '["B","a","b","é"]', "list(string)"],
  ["values({ b = 1, a = true })", "[true,1]", "tuple([bool,number])"],
  ['zipmap(["a", "b"], [1, true])', '{"a":1,"b":true}', "object({a=number,b=bool})"],
  ['zipmap(["a"], sort(["x"]))', '{"a":"x"}', "map(string)"],
  ["convert([1, true], list(string))", '["1","true"]', "list(string)"],
  ["convert(null, string)", "null", "string"],
  ['convert({ a = "1" }, object({ a = number }))', '{"a":1}'],
  ['try(nothing.here, { a = 1 }.b, "last")', '"last"'],
  ["can(1 / 0)", "true"],
  ["can(nothing)", "false"],
  ['can(upper(["a"]))', "false"],
];

test("results and their types", () => {
  for (const [text, json, type] of results) {
    const value = valueIn(text);
    assert.is(jsonOf(text), json, text);
    if (type !== undefined) assert.is(typeText(value.type), type, text);
  }
});

/** What came after 1.6.6: functions, negative positions, nulls among lists, no argument at all. */
const newer = /^(alltrue|anytrue|index)\(|-4\)|coalescelist\(null|^merge\(\)/;

lab(test, "packer")("results are those of Packer 1.6.6, as far as it has the functions", () => {
  const rows = results.filter(([text]) => !newer.test(text));
  const input = `jsonencode([${rows.map(([text]) => text).join(", ")}])\n`;
  const { stdout } = spawnSync("packer", ["console", "--config-type=hcl2"], { input, encoding: "utf8" });
  const theirs: unknown = JSON.parse(stdout.trim());
  assert.ok(Array.isArray(theirs) && theirs.length === rows.length, stdout);
  for (const [index, [text, json]] of rows.entries()) assert.equal(JSON.parse(json), theirs[index], text);
});

const refusals: readonly (readonly [string, RegExp])[] = [
  ['alltrue(["x"])', /bool is required/],
  ["chunklist([1], -1)", /the size must not be negative/],
  ["chunklist([1], 1.5)", /the size must be a whole number, not 1\.5/],
  ['coalesce(null, "")', /every argument is null or an empty string/],
  ["coalesce([], {})", /all arguments must have the same type/],
  ["coalesce()", /at least one argument is required/],
  ["coalescelist([], null)", /every argument is null or an empty list/],
  ["coalescelist({})", /a list or tuple is required, not an object/],
  ["concat()", /at least one argument is required/],
  ["concat([], setunion([1]))", /a list or tuple is required, not a set/],
  ['contains("abc", "a")', /a list, set or tuple is required, not a string/],
  ["element([], 0)", /an empty list has no elements/],
  ["element({}, 0)", /a list or tuple is required/],
  ['flatten("a")', /a list, set or tuple is required/],
  ["index([], 1)", /cannot search an empty list/],
  ["index([1], 2)", /item not found/],
  ["keys([1])", /a map or object is required, not a tuple/],
  ["length(5)", /a string, a collection or an object is required, not a number/],
  ["length(null)", /must not be null/],
  ['lookup({}, "a")', /needs 3 arguments.*"default" is missing/],
  ['lookup(convert({}, map(number)), "a", [])', /the default value must have the type of the map's elements/],
  ['lookup(convert({}, map(number)), "a", "x")', /a number is required, not a string/],
  ['lookup({}, "a", null)', /must not be null/],
  ["contains([null], null)", /must not be null/],
  ["merge({}, [])", /a map or object is required, not a tuple/],
  ["range()", /one, two or three arguments/],
  ["range(1, 2, 3, 4)", /one, two or three arguments/],
  ["range(1025)", /more than 1024 values/],
  ["range(1000000000)", /more than 1024 values/],
  ["range(0, 5, 0)", /the step must not be zero/],
  ["range(0, 5, -1)", /the end must be less than the start/],
  ["range(5, 0, 1)", /the end must be greater than the start/],
  ["setproduct([1])", /at least two arguments are required/],
  ["setproduct([1], {})", /a set or a list is required, not an object/],
  ["setproduct([1, []], [1])", /all elements must be of the same type/],
  ["setproduct(range(1000), range(1000))", /1000000 combinations, which is more than the 100000/],
  ["setunion([1], [[]])", /the sets must have elements of one type/],
  ["slice([1, 2], 1, 3)", /the end must not be greater than the length/],
  ["slice([1, 2], 2, 1)", /the start must not be greater than the end/],
  ["slice([1, 2], -1, 1)", /the start must not be less than 0/],
  ["slice(setunion([1]), 0, 1)", /cannot slice a set/],
  ['sort(["a", null])', /element 1 is null/],
  ['zipmap(["a"], [1, 2])', /the number of keys \(1\) is not that of values \(2\)/],
  ['convert("x", number)', /cannot be converted: .*number/],
  ["convert(1, lst(string))", /./],
  ["convert(1)", /takes 2 arguments/],
  ["try()", /At least one argument/],
  ["try(nothing, { a = 1 }.b)", /No expression succeeded:\n- .*line 1.*\n- .*"b".*line 1/],
  ["can()", /takes 1 argument/],
];

test("what is refused, and in which words", () => {
  for (const [text, message] of refusals) assert.match(errorsOf(text), message, text);
});

test("functions of Terraform that Packer does not have do not exist", () => {
  for (const name of [
    "tostring",
    "tolist",
    "toset",
    "base64sha256",
    "matchkeys",
    "nonsensitive",
    "one",
    "setsubtract",
    "transpose",
    "type",
  ]) {
    assert.match(errorsOf(`${name}([1])`), /no function named/, name);
  }
});

const secret = withMarks(stringValue("tea"), { sensitive: true });
const answer = referenceValue({ kind: "data", type: "http", name: "x", path: ["body"] }, stringType);
const variables = {
  secret,
  answer,
  anything: referenceValue({ kind: "data", type: "http", name: "x", path: ["any"] }),
  list: tupleValue([answer]),
};

/** What is open about a value: unknown (`?`), sensitive (`!`), for each part. */
function marksIn(value: Value): unknown {
  const own = `${value.kind === "unknown" ? "?" : ""}${value.sensitive ? "!" : ""}`;
  if (value.kind === "sequence") return value.elements.map(marksIn).concat(own === "" ? [] : [`list${own}`]);
  if (value.kind === "record") return Object.fromEntries([...value.entries].map(([name, item]) => [name, marksIn(item)]));
  return own;
}

test("what only rearranges keeps unknown and sensitive parts where they are", () => {
  const rows: readonly (readonly [string, unknown])[] = [
    ['concat(["a"], [answer, secret])', ["", "?", "!"]],
    ["merge({ a = answer }, { b = 1 })", { a: "?", b: "" }],
    ["reverse([secret, answer, 1])", ["", "?", "!"]],
    ["flatten([[1, secret], [answer]])", ["", "!", "?"]],
    ["slice([1, secret, answer], 1, 3)", ["!", "?"]],
    ['chunklist([secret, "a"], 1)', [["!"], [""]]],
    ["element([1, secret], 0)", ""],
    ["element([1, secret], 1)", "!"],
    ['lookup({ a = answer, b = 1 }, "b", 2)', ""],
    ["values({ a = secret, b = answer })", ["!", "?"]],
    ["keys({ a = secret, b = answer })", ["", ""]],
    ['zipmap(["a", "b"], [secret, answer])', { a: "!", b: "?" }],
    ['compact(["a", secret])', ["", "!"]],
    ['sort(["b", secret])', ["", "!"]],
    ["length([secret, answer])", ""],
    ["coalesce(null, answer)", "?"],
    ["coalescelist([], [secret])", ["!"]],
    ["setproduct([secret], [answer])", [["!", "?"]]],
  ];
  for (const [text, marks] of rows) assert.equal(marksIn(valueIn(text, { variables })), marks, text);
});

test("what depends on something unknown is unknown as a whole, and waits for it", () => {
  const rows = [
    "contains([answer], 1 == 1 ? secret : 2)",
    "index([answer], secret)",
    "flatten([1, anything])",
    "element(anything, 0)",
    'lookup(anything, "a", 1)',
    "lookup({ a = 1 }, answer, 1)",
    "merge({ a = 1 }, anything)",
    "concat(anything, [1])",
    "keys(anything)",
    "values(anything)",
    "sort([answer])",
    "distinct([answer, 1])",
    "length(anything)",
    "length(answer)",
    "range(anything)",
    "slice([1, 2], 0, anything)",
    "setunion([answer])",
    "try(answer, 1)",
    "try({ a = answer }, 1)",
    "can(answer)",
    "alltrue([anything])",
    "convert(answer, number)",
  ];
  for (const text of rows) {
    const value = valueIn(text, { variables });
    assert.is(value.kind, "unknown", text);
    assert.match(deepMarksOf(value).waitsFor.map(dependencyName).join(), /^data\.http\.x\.(body|any)$/, text);
  }
});

test("results of sensitive arguments are sensitive, and decided results need no unknown ones", () => {
  assert.ok(valueIn('contains([secret], "tea")', { variables }).sensitive);
  assert.ok(valueIn("length(secret)", { variables }).sensitive);
  assert.is(jsonOf("alltrue([false, anything])", { variables }), "false");
  assert.is(jsonOf("anytrue([anything, true])", { variables }), "true");
  assert.is(jsonOf('contains([answer, "a"], "a")', { variables }), "true");
});

test.run();
