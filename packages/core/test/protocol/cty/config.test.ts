import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeDatasourceValue, encodeDatasourceValue } from "../../../src/protocol/cty/answer.ts";
import { decodeConfigs, encodeConfig } from "../../../src/protocol/cty/config.ts";
import { parseTypedJson } from "../../../src/protocol/cty/json.ts";
import { typeConfig } from "../../../src/protocol/cty/typed-config.ts";
import type { ConfigSpec, OptionSpec, SpecType } from "../../../src/sdk/config/spec.ts";

const option = (type: SpecType, required = false): OptionSpec => ({ type, required });
const text: SpecType = { kind: "string" };
const number: SpecType = { kind: "number" };
const disk: ConfigSpec = { options: { size: option(number, true), label: option(text) } };
const spec: ConfigSpec = {
  options: {
    name: option(text),
    count: option(number),
    on: option({ kind: "bool" }),
    tags: option({ kind: "list", element: text }),
    labels: option({ kind: "map", element: text }),
    root: option({ kind: "block", spec: disk }),
    disk: { ...option({ kind: "block-list", spec: disk }), sentAs: "disks" },
  },
};
const unset = { name: null, count: null, on: null, tags: null, labels: null, root: null, disks: [] };
const sent = (config: { readonly [option: string]: unknown }): unknown => parseTypedJson(encodeConfig(config, spec));

test("everything that is not set is sent as null, a list of blocks as empty", () => {
  assert.is(
    encodeConfig({}, spec).toString(),
    '{"value":{"count":null,"disks":[],"labels":null,"name":null,"on":null,"root":null,"tags":null},' +
      '"type":["object",{"count":"number","disks":["list",["object",{"label":"string","size":"number"}]],' +
      '"labels":["map","string"],"name":"string","on":"bool","root":["object",{"label":"string","size":"number"}],' +
      '"tags":["list","string"]}]}',
  );
  assert.equal(sent({ name: null, tags: undefined }), unset);
});

/** What the user writes, and what the plugin gets for it. */
const conversions: readonly (readonly [string, { readonly [option: string]: unknown }, { readonly [option: string]: unknown }])[] = [
  ["a number as text", { name: 3 }, { name: "3" }],
  ["a large number as text, written out", { name: 1e21 }, { name: "1000000000000000000000" }],
  ["true as text", { name: true }, { name: "true" }],
  ["a text as number", { count: "3" }, { count: 3 }],
  ["a decimal text beyond a double, exact", { count: "12345678901234567890.5" }, { count: "12345678901234567890.5" }],
  ["a bigint, exact", { count: 2n ** 64n }, { count: "18446744073709551616" }],
  ["a text as true", { on: "true" }, { on: true }],
  ["a text with commas as list", { tags: "a,b" }, { tags: ["a", "b"] }],
  ["elements of a list", { tags: [1, false] }, { tags: ["1", "false"] }],
  ["elements of a map, any keys", { labels: { "a b": 1 } }, { labels: { "a b": "1" } }],
  ["one block", { root: { size: 1 } }, { root: { size: 1, label: null } }],
  ["a list of one block as one block", { root: [{ size: "1" }] }, { root: { size: 1, label: null } }],
  ["one block as a list of one", { disk: { size: 1 } }, { disks: [{ size: 1, label: null }] }],
  ["characters that Go escapes", { name: "<&>\u2028" }, { name: "<&>\u2028" }],
];
for (const [what, config, expected] of conversions) {
  test(`converts ${what}`, () => assert.equal(sent(config), { ...unset, ...expected }));
}

/** What the user writes, and the code and path of what is reported. */
const problems: readonly (readonly [string, { readonly [option: string]: unknown }, string, readonly (string | number)[]])[] = [
  ["an unknown option", { nam: "x" }, "TPK3102", ["nam"]],
  ["an unknown option inside a block", { disk: [{ size: 1 }, { size: 1, sise: 2 }] }, "TPK3102", ["disk", 1, "sise"]],
  ["a missing option inside a block", { disk: [{ label: "a" }] }, "TPK3104", ["disk", 0, "size"]],
  ["a text that is no number", { count: "many" }, "TPK3103", ["count"]],
  ["a list where there is one value", { name: ["a"] }, "TPK3103", ["name"]],
  ["a wrong value of a required option, once", { root: { size: "big" } }, "TPK3103", ["root", "size"]],
];
for (const [what, config, code, path] of problems) {
  test(`reports ${what}`, () => {
    const { value, diagnostics } = typeConfig(config, spec);
    assert.is(value, undefined);
    assert.equal(
      diagnostics.map((diagnostic) => [diagnostic.code, diagnostic.path]),
      [[code, path]],
    );
    assert.throws(
      () => encodeConfig(config, spec),
      (error: { code?: string; diagnostics?: unknown }) => error.code === "TPK3105" && Array.isArray(error.diagnostics),
    );
  });
}

test("nothing is missing inside what is not known yet", () => {
  const { value, diagnostics } = typeConfig({ root: {}, disk: [{}] }, spec, { unknown: [["root"], ["disk", 0, "size"]] });
  assert.equal(diagnostics, []);
  assert.ok(value !== undefined);
});

test("a specification's limits on the number of blocks hold", () => {
  const limited: ConfigSpec = { options: { nic: option({ kind: "block-list", spec: disk, minItems: 1, maxItems: 2 }, true) } };
  const codes = (nic: unknown): unknown => typeConfig({ nic }, limited).diagnostics.map(({ code }) => code);
  assert.equal(codes([{ size: 1 }, { size: 2 }]), []);
  assert.equal(codes([]), ["TPK3105"]);
  assert.equal(codes([{ size: 1 }, { size: 2 }, { size: 3 }]), ["TPK3105"]);
  assert.equal(codes(undefined), ["TPK3104"]);
});

test("what the specification leaves open is sent with the types it has", () => {
  const open: ConfigSpec = { options: { any: option({ kind: "any" }), list: option({ kind: "list", element: { kind: "any" } }) } };
  const json = encodeConfig({ any: { a: [1, "x"] }, list: ["x", 1] }, open).toString();
  assert.ok(
    json.endsWith('"type":["object",{"any":["object",{"a":["tuple",["number","string"]]}],"list":["tuple",["string","number"]]}]}'),
    json,
  );
  assert.equal(parseTypedJson(encodeConfig({ list: ["x"] }, open)), { any: null, list: ["x"] });
  let deep: unknown = "x";
  for (let level = 0; level < 50_000; level++) deep = [deep];
  assert.equal(
    typeConfig({ any: deep }, open).diagnostics.map(({ code, path }) => [code, path]),
    [["TPK2003", ["any"]]],
  );
});

test("a plugin gets one configuration from what Packer sends for HCL", () => {
  const received = decodeConfigs([
    { packer_build_name: "debian", packer_debug: "false" },
    encodeConfig({ name: "a", labels: { x: "1" }, count: "12345678901234567890" }, spec),
    { name: "over", labels: { y: "2" } },
  ]);
  assert.equal(received.packer, { packer_build_name: "debian", packer_debug: "false" });
  const { name, labels, count } = received.config;
  assert.equal({ name, labels, count }, { name: "over", labels: { x: "1", y: "2" }, count: "12345678901234567890" });
});

test("a plugin gets one configuration from what Packer sends for legacy JSON", () => {
  const placeholder = (key: string): string => `Build_${key}. To set this dynamically, use the \`build\` function`;
  const received = decodeConfigs([
    null,
    { name: "{{user `n`}}", count: 3 },
    { packer_on_error: "", packer_user_variables: { n: "x" } },
    { ID: placeholder("ID"), PackerRunUUID: placeholder("PackerRunUUID") },
  ]);
  assert.equal(received, {
    config: { name: "{{user `n`}}", count: 3 },
    packer: { packer_on_error: "", packer_user_variables: { n: "x" } },
  });
});

test("a configuration that is neither map nor typed value is refused", () => {
  for (const element of ["text", 3, [1], Buffer.from("text"), Buffer.from('{"value":"x","type":"string"}')]) {
    assert.throws(
      () => decodeConfigs([element]),
      (error: { code?: string }) => error.code === "TPK4002",
    );
  }
});

test("what a data source answers comes back in both forms", () => {
  const output: ConfigSpec = { options: { id: option(text, true), size: option(number), names: option({ kind: "list", element: text }) } };
  for (const form of ["protobuf", "gob"] as const) {
    const bytes = encodeDatasourceValue({ id: "i", size: "12345678901234567890" }, output, form);
    assert.equal(decodeDatasourceValue(bytes, form), { id: "i", size: "12345678901234567890", names: null });
    assert.throws(() => encodeDatasourceValue({ id: "i", other: 1 }, output, form), /"other" is not expected/);
    assert.throws(
      () => decodeDatasourceValue(Buffer.from("rubbish"), form),
      (error: { code?: string }) => error.code === "TPK4002",
    );
  }
});

test.run();
