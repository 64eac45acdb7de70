import * as z from "zod";
import type { ConfigSpec, OptionSpec, SpecType } from "./spec.ts";

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  readonly deprecated?: boolean;
  /** Ours, through zod's `.meta({ block: true })`: a nested object is a block, not an attribute. */
  readonly block?: boolean;
}

/** The specification that a component's zod schema states, read from what it accepts (its input side). */
export function specFromSchema(schema: z.ZodObject): ConfigSpec {
  return specFromObject(z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" }) as JsonSchema);
}

function specFromObject(schema: JsonSchema): ConfigSpec {
  const options: { [name: string]: OptionSpec } = {};
  for (const [name, option] of Object.entries(schema.properties ?? {})) {
    options[name] = {
      type: typeFromSchema(option),
      required: schema.required?.includes(name) ?? false,
      description: option.description,
      default: option.default,
      choices: choicesOf(option),
      deprecated: option.deprecated,
    };
  }
  return { options };
}

function choicesOf(schema: JsonSchema): readonly string[] | undefined {
  if (schema.enum === undefined || !schema.enum.every((choice) => typeof choice === "string")) return undefined;
  return schema.enum as readonly string[];
}

function typeFromSchema(schema: JsonSchema): SpecType {
  switch (schema.type) {
    case "string":
      return { kind: "string" };
    case "number":
    case "integer":
      return { kind: "number" };
    case "boolean":
      return { kind: "bool" };
    case "array": {
      const items = schema.items ?? {};
      if (items.type === "object" && items.properties !== undefined) return { kind: "block-list", spec: specFromObject(items) };
      return { kind: "list", element: typeFromSchema(items) };
    }
    case "object":
      return objectType(schema);
    default:
      return { kind: "any" };
  }
}

function objectType(schema: JsonSchema): SpecType {
  if (schema.properties === undefined) {
    const element = schema.additionalProperties;
    return { kind: "map", element: typeof element === "object" ? typeFromSchema(element) : { kind: "any" } };
  }
  if (schema.block === true) return { kind: "block", spec: specFromObject(schema) };
  const attributes = Object.fromEntries(Object.entries(schema.properties).map(([name, value]) => [name, typeFromSchema(value)]));
  return { kind: "object", attributes };
}
