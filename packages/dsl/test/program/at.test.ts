// Elements and entries as HCL reads them: what is not there is an error, never `undefined`.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { at } from "../../src/program/at.ts";
import { entries } from "../../src/program/entries.ts";
import { settle } from "../../src/program/ref.ts";
import { secret } from "../../src/program/secret.ts";

const test = suite("at and entries");

const images = { debian: { amd64: "d", arm64: "e" }, ubuntu: { amd64: "u", arm64: "v" } };

test("at follows keys into objects and lists, with their types", () => {
  const name: string = at(images, "debian", "amd64");
  assert.is(name, "d");
  const key: string = "ubuntu";
  const computed: string = at(images, key).arm64;
  assert.is(computed, "v");
  const first: string = at(["a", "b"], 0);
  assert.is(first, "a");
  assert.is(at([["a"], ["b"]], 1, 0), "b");
  assert.is(at(["a"], "0"), "a");
});

test("at goes into Refs", () => {
  const token = secret({ value: ["x"] });
  assert.is(settle(at({ token }, "token", "value", 0), { value: () => undefined }), "x");
});

test("at says what is not there, and what there is", () => {
  const cases: readonly (readonly [read: () => unknown, message: RegExp])[] = [
    [() => at(images, "fedora"), /has no element "fedora"; it has "debian", "ubuntu"/],
    [() => at(images, "debian", "riscv"), /the value at "debian" has no element "riscv"/],
    [() => at(["a"], 1), /is a list of 1, so there is no element 1/],
    [() => at(["a"], "length"), /is a list of 1/],
    [() => at({}, "toString"), /it has none/],
    [() => at("text", 0), /is no list or object/],
  ];
  for (const [read, message] of cases) assert.throws(read, message);
});

test("entries come by sorted key, or by position", () => {
  assert.equal(entries({ b: 1, a: 2 }), [
    ["a", 2],
    ["b", 1],
  ]);
  assert.equal(entries({ "10": "x", "9": "y" }), [
    ["10", "x"],
    ["9", "y"],
  ]);
  const lines: string[] = entries(["x", "y"]).map(([index, value]) => `${index + 1}${value}`);
  assert.equal(lines, ["1x", "2y"]);
  assert.throws(() => entries("text" as never), /takes a list or an object, not a string/);
});

test.run();
