// What a zod schema accepts, as a specification. Reads the definitions that zod keeps for such readers (`_zod.def`,
// https://zod.dev/library-authors); going through z.toJSONSchema would cost every start several milliseconds.
import * as z from "zod";
import type { ConfigSpec, OptionSpec, SpecType } from "./spec.ts";

/** The specification that a component's zod schema states, read from what it accepts (its input side). */
export function specFromSchema(schema: z.core.$ZodObject): ConfigSpec {
  return specFromShape(schema._zod.def.shape, []);
}

// --- internal ---

/** What is known about the values that a schema accepts. */
type Accepted = Omit<OptionSpec, "required">;

/** Schemas being read: one that stands inside itself accepts anything there. */
type Outer = readonly z.core.$ZodType[];

const anything: Accepted = { type: { kind: "any" } };

function specFromShape(shape: z.core.$ZodShape, outer: Outer): ConfigSpec {
  return { options: Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, optionFromSchema(schema, outer)])) };
}

function optionFromSchema(schema: z.core.$ZodType, outer: Outer): OptionSpec {
  const { type, description, default: value, choices, deprecated } = read(schema, outer);
  return { type, required: isRequired(schema), description, default: value, choices, deprecated };
}

function isRequired(schema: z.core.$ZodType): boolean {
  const { def, optin } = (schema as z.core.$ZodTypes)._zod;
  // These take a missing value only because a function of theirs can make something of it.
  if (def.type === "catch") return isRequired(def.innerType);
  if (def.type === "pipe" && isPreprocess(def)) return isRequired(def.out);
  return optin === undefined;
}

/** A preprocessing function says nothing of what it takes; what comes after it does. */
function isPreprocess({ in: first }: z.core.$ZodPipeDef): boolean {
  return first._zod.def.type === "transform";
}

/** The type of a schema and what is said about it; what a wrapper such as `optional` says goes before what it wraps. */
function read(schema: z.core.$ZodType, outer: Outer): Accepted {
  if (outer.includes(schema)) return anything;
  const meta = z.globalRegistry.get(schema);
  const accepted = readDefinition(schema, [...outer, schema], meta?.block === true);
  return {
    ...accepted,
    description: meta?.description ?? accepted.description,
    deprecated: meta?.deprecated ?? accepted.deprecated,
  };
}

/** `isBlock` is ours, through zod's `.meta({ block: true })`: a nested object is a block, not an attribute. */
function readDefinition(schema: z.core.$ZodType, outer: Outer, isBlock: boolean): Accepted {
  // Every schema of zod's is one of these; the union tells them apart by `type`.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "string":
    case "template_literal":
      return { type: { kind: "string" } };
    case "number":
      return { type: { kind: "number" } };
    case "boolean":
      return { type: { kind: "bool" } };
    case "literal":
      return fixedValues(def.values);
    case "enum":
      return fixedValues(Object.values(def.entries));
    case "array":
      return { type: listType(def.element, outer) };
    case "record":
      return { type: { kind: "map", element: read(def.valueType, outer).type } };
    case "object":
      return { type: isBlock ? { kind: "block", spec: specFromShape(def.shape, outer) } : objectType(specFromShape(def.shape, outer)) };
    case "intersection":
      return { type: bothTypes(read(def.left, outer).type, read(def.right, outer).type) };
    case "union":
      return union(def.options, outer);
    case "default":
    case "prefault":
      return { ...read(def.innerType, outer), default: def.defaultValue };
    case "optional":
    case "nullable":
    case "nonoptional":
    case "readonly":
    case "catch":
      return read(def.innerType, outer);
    case "lazy":
      return read(def.getter(), outer);
    case "pipe":
      return read(isPreprocess(def) ? def.out : def.in, outer);
    default:
      return anything;
  }
}

function fixedValues(values: readonly unknown[]): Accepted {
  const texts = values.filter((value) => typeof value === "string");
  if (texts.length === values.length) return { type: { kind: "string" }, choices: texts };
  if (values.every((value) => typeof value === "number")) return { type: { kind: "number" } };
  return values.every((value) => typeof value === "boolean") ? { type: { kind: "bool" } } : anything;
}

function listType(element: z.core.$ZodType, outer: Outer): SpecType {
  const { type } = read(element, outer);
  if (type.kind === "block" || (type.kind === "object" && type.spec !== undefined)) {
    return { kind: "block-list", spec: type.spec ?? { options: {} } };
  }
  return { kind: "list", element: type };
}

function objectType(spec: ConfigSpec): SpecType {
  const attributes = Object.fromEntries(Object.entries(spec.options).map(([name, { type }]) => [name, type]));
  return { kind: "object", attributes, spec };
}

/** A value that has to fit two types. */
function bothTypes(left: SpecType, right: SpecType): SpecType {
  if (left.kind !== "object" || right.kind !== "object") return anything.type;
  return objectType({ options: { ...left.spec?.options, ...right.spec?.options } });
}

/** The alternatives, without `null`, which means the same as leaving an option out. */
function union(schemas: readonly z.core.$ZodType[], outer: Outer): Accepted {
  const variants = schemas
    .filter((schema) => schema._zod.def.type !== "null")
    .map((schema) => ({ ...read(schema, outer), required: true }));
  const [first] = variants;
  if (first === undefined) return anything;
  const isScalar = ({ kind }: SpecType): boolean => kind === "string" || kind === "number" || kind === "bool";
  const isOneType = variants.every(({ type }) => type.kind === first.type.kind && isScalar(type));
  const choices = variants.flatMap((variant) => variant.choices ?? []);
  return {
    type: variants.length === 1 || isOneType ? first.type : { kind: "union", variants },
    choices: choices.length === 0 ? undefined : choices,
  };
}
