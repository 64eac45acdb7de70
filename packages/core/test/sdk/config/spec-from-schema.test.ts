import { test } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { decodeConfig } from "../../../src/sdk/config/decode.ts";
import type { OptionSpec } from "../../../src/sdk/config/spec.ts";
import { specFromSchema } from "../../../src/sdk/config/spec-from-schema.ts";

/** The specification of one option, without what is not set. */
function optionFor(schema: z.ZodType): OptionSpec | undefined {
  const option = specFromSchema(z.object({ x: schema })).options.x;
  return JSON.parse(JSON.stringify(option));
}

test("alternatives of one scalar type are that type, with their fixed values as choices", () => {
  assert.equal(optionFor(z.union([z.literal("a"), z.enum(["b", "c"]), z.string()])), {
    type: { kind: "string" },
    required: true,
    choices: ["a", "b", "c"],
  });
});

test("null as an alternative says nothing about the type", () => {
  assert.equal(optionFor(z.string().nullable().optional()), { type: { kind: "string" }, required: false });
  assert.equal(optionFor(z.array(z.string()).nullable())?.type, { kind: "list", element: { kind: "string" } });
});

test("alternatives of several types are a union, and their values stay as they are written", () => {
  const schema = z.object({ x: z.union([z.string(), z.object({ path: z.string() }).describe("A folder.")]) });
  const spec = specFromSchema(schema);
  const path = { type: { kind: "string" }, required: true };
  assert.equal(JSON.parse(JSON.stringify(spec.options.x)), {
    type: {
      kind: "union",
      variants: [
        { type: { kind: "string" }, required: true },
        {
          type: { kind: "object", attributes: { path: { kind: "string" } }, spec: { options: { path } } },
          required: true,
          description: "A folder.",
        },
      ],
    },
    required: true,
  });
  assert.equal(decodeConfig({ x: { path: 5 } }, spec), { config: { x: { path: 5 } }, diagnostics: [] });
});

test("what wrappers say goes before what they wrap", () => {
  const schema = z.string().describe("Inside.").default("a").meta({ deprecated: true });
  const said = { required: false, default: "a", deprecated: true, description: "Inside." };
  assert.equal(optionFor(schema), { type: { kind: "string" }, ...said });
  assert.equal(optionFor(schema.optional().describe("Outside.")), { type: { kind: "string" }, ...said, description: "Outside." });
});

test("a transformed value is described by what is written, a preprocessed one by what comes out", () => {
  assert.equal(optionFor(z.string().transform(Number)), { type: { kind: "string" }, required: true });
  assert.equal(optionFor(z.preprocess(String, z.string())), { type: { kind: "string" }, required: true });
  assert.equal(optionFor(z.string().prefault("1").transform(Number)), { type: { kind: "string" }, required: false, default: "1" });
});

test("a list of objects is a repeated block, an object marked as a block is one", () => {
  const size = { type: { kind: "number" }, required: true };
  assert.equal(optionFor(z.array(z.object({ size: z.number() })))?.type, { kind: "block-list", spec: { options: { size } } });
  assert.equal(optionFor(z.object({ size: z.number() }).meta({ block: true }))?.type, { kind: "block", spec: { options: { size } } });
  assert.equal(optionFor(z.array(z.record(z.string(), z.boolean())))?.type, {
    kind: "list",
    element: { kind: "map", element: { kind: "bool" } },
  });
});

test("a schema that contains itself ends in any", () => {
  const tree = z.object({
    get children() {
      return z.array(tree).optional();
    },
  });
  assert.equal(optionFor(tree)?.type, {
    kind: "object",
    attributes: { children: { kind: "list", element: { kind: "any" } } },
    spec: { options: { children: { type: { kind: "list", element: { kind: "any" } }, required: false } } },
  });
});

test.run();
