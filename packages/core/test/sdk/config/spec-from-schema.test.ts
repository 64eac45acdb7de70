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

test.run();
