import { test } from "uvu";
import * as assert from "uvu/assert";
import { gobFromType, typeFromGob } from "../../../src/protocol/cty/gob-type.ts";
import { parseJson } from "../../../src/protocol/cty/json-text.ts";
import { type CtyType, formatType, parseType } from "../../../src/protocol/cty/type.ts";
import { encodeGob } from "../../../src/protocol/gob/encode.ts";
import type { GobField, GobType, GobValue } from "../../../src/protocol/gob/type.ts";

const types: readonly (readonly [string, CtyType])[] = [
  ['"string"', { kind: "string" }],
  ['"number"', { kind: "number" }],
  ['"bool"', { kind: "bool" }],
  ['["list","string"]', { kind: "list", element: { kind: "string" } }],
  ['["set",["map","number"]]', { kind: "set", element: { kind: "map", element: { kind: "number" } } }],
  ['["tuple",["string",["tuple",[]]]]', { kind: "tuple", elements: [{ kind: "string" }, { kind: "tuple", elements: [] }] }],
  [
    '["object",{"__proto__":"bool","a":["object",{}]}]',
    {
      kind: "object",
      attributes: new Map<string, CtyType>([
        ["__proto__", { kind: "bool" }],
        ["a", { kind: "object", attributes: new Map() }],
      ]),
    },
  ],
];

for (const [json, type] of types) {
  test(`the type ${json} is read and written as JSON and as gob`, () => {
    assert.is(formatType(type), json);
    assert.equal(parseType(parseJson(json)), type);
    assert.equal(typeFromGob(gobFromType(type)), type);
  });
}

test("the type of texts as Go sends it in gob is understood", () => {
  const captured =
    "2aff8703010107676f625479706501ff88000102010756657273696f6e0104000104496d706c011000000053ff88022b6769746875622e636f6d2f7a636c636f6e662f676f2d6374792f6374792e7072696d697469766554797065ff890301010d7072696d69746976655479706501ff8a00010101044b696e64010600000007ff8a0301530000";
  assert.equal(typeFromGob(Buffer.from(captured, "hex")), { kind: "string" });
});

test("a type in a later version of its format is refused", () => {
  const primitive: GobType = { kind: "struct", name: "primitiveType", fields: [{ name: "Kind", type: { kind: "uint" } }] };
  const held: GobValue = { name: "github.com/zclconf/go-cty/cty.primitiveType", type: primitive, value: { struct: { Kind: 83 } } };
  const fields: GobField[] = [
    { name: "Version", type: { kind: "int" } },
    { name: "Impl", type: { kind: "interface" } },
  ];
  const written = (version: number): Buffer =>
    encodeGob({ kind: "struct", name: "gobType", fields }, { struct: { Version: version, Impl: held } });
  assert.equal(typeFromGob(written(0)), { kind: "string" });
  assert.throws(
    () => typeFromGob(written(1)),
    (error: { code?: string }) => error.code === "TPK4002",
  );
});

test("a type of any value cannot be said in gob", () => {
  assert.throws(() => gobFromType({ kind: "dynamic" }), /any type/);
});

test("a type that nests without end is refused", () => {
  let type: CtyType = { kind: "string" };
  for (let level = 0; level < 100; level++) type = { kind: "list", element: type };
  const json = `${'["list",'.repeat(60)}"string"${"]".repeat(60)}`;
  assert.is(formatType(parseType(parseJson(json))), json);
  assert.throws(() => gobFromType({ kind: "list", element: type }), /nested deeper/);
});

test.run();
