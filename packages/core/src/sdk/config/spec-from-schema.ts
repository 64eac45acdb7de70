import * as z from "zod";
import type { ConfigSpec, OptionSpec, SpecType } from "./spec.ts";

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
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
  const options = Object.entries(schema.properties ?? {}).map(([name, option]) => {
    return [name, optionFromSchema(option, schema.required?.includes(name) ?? false)] as const;
  });
  return { options: Object.fromEntries(options) };
}

function optionFromSchema(schema: JsonSchema, required: boolean): OptionSpec {
  return {
    type: typeFromSchema(schema),
    required,
    description: schema.description,
    default: schema.default,
    choices: choicesOf(schema),
    deprecated: schema.deprecated,
  };
}

/** Fixed texts, those of a union too. */
function choicesOf(schema: JsonSchema): readonly string[] | undefined {
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  const inside = variantsOf(schema)?.flatMap((variant) => choicesOf(variant) ?? []) ?? [];
  const choices = [...values, ...inside].filter((choice) => typeof choice === "string");
  return choices.length === 0 || choices.length < values.length ? undefined : choices;
}

/** The alternatives of a union, without `null`, which means the same as leaving an option out. */
function variantsOf(schema: JsonSchema): readonly JsonSchema[] | undefined {
  return (schema.anyOf ?? schema.oneOf)?.filter((variant) => variant.type !== "null");
}

function unionType(variants: readonly JsonSchema[]): SpecType {
  const options = variants.map((variant) => optionFromSchema(variant, true));
  const [first] = options;
  const isScalar = (type: SpecType): boolean => type.kind === "string" || type.kind === "number" || type.kind === "bool";
  if (first === undefined) return { kind: "any" };
  const same = options.every(({ type }) => type.kind === first.type.kind && isScalar(type));
  return options.length === 1 || same ? first.type : { kind: "union", variants: options };
}

function typeFromSchema(schema: JsonSchema): SpecType {
  const variants = variantsOf(schema);
  if (variants !== undefined) return unionType(variants);
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type?.filter((type) => type !== "null") ?? []);
  switch (types.length === 1 ? types[0] : undefined) {
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
  return { kind: "object", attributes, spec: specFromObject(schema) };
}
