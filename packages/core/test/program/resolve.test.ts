import { test } from "uvu";
import * as assert from "uvu/assert";
import { UnknownValue } from "../../src/program/deferred.ts";
import { dependenciesOf, resolveConfig, resolvePartially } from "../../src/program/resolve.ts";
import type { ConfigSpec } from "../../src/sdk/config/spec.ts";
import { buildValue, dataValue, deferred } from "../engine/programs.ts";

const nothing = {
  value: (dependency: ConstructorParameters<typeof UnknownValue>[0]): never => {
    throw new UnknownValue(dependency);
  },
};
const everything = { value: () => "value" };

const text = { kind: "string" } as const;
const spec: ConfigSpec = {
  options: {
    size: { type: { kind: "number" }, required: false },
    on: { type: { kind: "bool" }, required: false },
    list: { type: { kind: "list", element: text }, required: false },
    numbers: { type: { kind: "list", element: { kind: "number" } }, required: false },
    map: { type: { kind: "map", element: { kind: "number" } }, required: false },
    block: { type: { kind: "block", spec: { options: { deep: { type: { kind: "number" }, required: false } } } }, required: false },
    blocks: { type: { kind: "block-list", spec: { options: { deep: { type: { kind: "bool" }, required: false } } } }, required: false },
    object: { type: { kind: "object", attributes: { a: { kind: "number" } } }, required: false },
  },
};

test("values known later are replaced wherever they stand, and absent options dropped", () => {
  const config = { a: buildValue("Host"), b: [1, { c: buildValue("Host"), d: undefined }], e: null, f: undefined, g: false };
  assert.equal(resolveConfig(config, everything), { a: "value", b: [1, { c: "value" }], g: false });
});

test("a value that is known later may give another one, and give nothing", () => {
  const config = { a: deferred([], () => [buildValue("Host")]), b: deferred([], () => undefined) };
  assert.equal(resolveConfig(config, everything), { a: ["value"] });
});

test("what is not known is an error, or a placeholder of the option's type with its path", () => {
  const x = buildValue("Host");
  const config = {
    size: x,
    on: x,
    list: x,
    numbers: [1, x],
    map: { k: x },
    block: { deep: x },
    blocks: [{ deep: x }],
    object: { a: x },
    odd: x,
  };
  assert.throws(
    () => resolveConfig(config, nothing),
    (error: unknown) => error instanceof UnknownValue,
  );
  const { config: resolved, unknown } = resolvePartially(config, nothing, spec);
  assert.equal(resolved, {
    size: 0,
    on: false,
    list: [],
    numbers: [1, 0],
    map: { k: 0 },
    block: { deep: 0 },
    blocks: [{ deep: false }],
    object: { a: 0 },
    odd: "<unknown>",
  });
  assert.equal(unknown, [
    ["size"],
    ["on"],
    ["list"],
    ["numbers", 1],
    ["map", "k"],
    ["block", "deep"],
    ["blocks", 0, "deep"],
    ["object", "a"],
    ["odd"],
  ]);
});

test("an error of the user's function is not mistaken for an unknown value", () => {
  const broken = deferred([], () => {
    throw new TypeError("x.trim is not a function");
  });
  assert.throws(() => resolvePartially({ a: broken }, nothing, undefined), /x\.trim is not a function/);
});

test("the values of sensitive parts are told to the scope", () => {
  const secrets: unknown[] = [];
  const scope = { ...everything, secret: (value: unknown) => secrets.push(value) };
  resolveConfig({ a: deferred([], () => "s3cret", true), b: deferred([], () => "plain") }, scope);
  assert.equal(secrets, ["s3cret"]);
});

test("dependencies are found at any depth, each once", () => {
  const found = dependenciesOf(
    { a: buildValue("Host"), b: [{ c: dataValue("http", "x", "body"), d: buildValue("Host") }] },
    { e: dataValue("http", "y") },
  );
  assert.equal(
    found.map((dependency) => [dependency.kind, ...dependency.path]),
    [["build", "Host"], ["data", "body"], ["data"]],
  );
});

test("an object that contains itself is an error, not a hang", () => {
  const self: { [name: string]: unknown } = {};
  self.self = self;
  assert.throws(() => resolveConfig({ self }, everything), /does it contain itself/);
});

test("objects of another realm and without a prototype are plain data too", async () => {
  const { runInNewContext } = await import("node:vm");
  const foreign: unknown = runInNewContext("({ a: [1, { b: 2 }], c: null })");
  assert.equal(resolveConfig({ foreign, bare: Object.assign(Object.create(null), { x: buildValue("Host") }) }, everything), {
    foreign: { a: [1, { b: 2 }] },
    bare: { x: "value" },
  });
});

test.run();
