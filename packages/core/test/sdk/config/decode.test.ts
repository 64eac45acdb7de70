import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeConfig } from "../../../src/sdk/config/decode.ts";
import type { ConfigSpec, SpecType } from "../../../src/sdk/config/spec.ts";

const text: SpecType = { kind: "string" };

function spec(types: { [name: string]: SpecType }): ConfigSpec {
  return { options: Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type, required: false }])) };
}

function decodeOne(type: SpecType, value: unknown): unknown {
  const { config, diagnostics } = decodeConfig({ option: value }, spec({ option: type }));
  return diagnostics[0]?.code ?? config.option;
}

test("texts, numbers and booleans convert into each other", () => {
  assert.is(decodeOne(text, 5), "5");
  assert.is(decodeOne(text, true), "true");
  assert.is(decodeOne({ kind: "number" }, "5.5"), 5.5);
  assert.is(decodeOne({ kind: "number" }, true), 1);
  assert.is(decodeOne({ kind: "number" }, ""), 0);
  assert.is(decodeOne({ kind: "number" }, " "), "TPK3103");
  assert.is(decodeOne({ kind: "bool" }, "t"), true);
  assert.is(decodeOne({ kind: "bool" }, "False"), false);
  assert.is(decodeOne({ kind: "bool" }, 0), false);
  assert.is(decodeOne({ kind: "bool" }, ""), false);
});

test("one text becomes a list by its commas, one value a list of one", () => {
  assert.equal(decodeOne({ kind: "list", element: text }, "a,b"), ["a", "b"]);
  assert.equal(decodeOne({ kind: "list", element: text }, ""), []);
  assert.equal(decodeOne({ kind: "list", element: { kind: "number" } }, 3), [3]);
  assert.equal(decodeOne({ kind: "list", element: { kind: "number" } }, "0,3"), [0, 3]);
});

test("one block and a list of one block mean the same", () => {
  const block = spec({ size: { kind: "number" } });
  assert.equal(decodeOne({ kind: "block", spec: block }, [{ size: "2" }]), { size: 2 });
  assert.equal(decodeOne({ kind: "block-list", spec: block }, { size: "2" }), [{ size: 2 }]);
});

test("null and undefined count as not given", () => {
  assert.equal(decodeConfig({ a: null, b: undefined }, spec({ a: text })), { config: {}, diagnostics: [] });
});

test("an unknown option is reported with its path and the name that was meant", () => {
  const nested = spec({ disk: { kind: "block-list", spec: spec({ volume_size: { kind: "number" } }) } });
  const [problem] = decodeConfig({ disk: [{ volum_size: 1 }] }, nested).diagnostics;
  assert.is(problem?.code, "TPK3102");
  assert.is(problem?.hint, 'Did you mean "volume_size"?');
  assert.equal(problem?.path, ["disk", 0, "volum_size"]);
});

test("names that every object has are not options", () => {
  for (const name of ["constructor", "toString", "hasOwnProperty"]) {
    assert.is(decodeConfig({ [name]: "x" }, spec({ a: text })).diagnostics[0]?.code, "TPK3102", name);
  }
});

test("what does not convert is named by its kind and never by its value", () => {
  const [problem] = decodeConfig({ size: "hunter2" }, spec({ size: { kind: "number" } })).diagnostics;
  assert.is(problem?.code, "TPK3103");
  assert.is(problem?.detail, 'The argument "size" takes a number, not text.');
});

test.run();
