// zod schemas for HCL's types of variables (row VAR-01).
import { toPlain } from "../../hcl/eval/plain.ts";
import type { ObjectType, Type } from "../../hcl/eval/type.ts";
import type { Value } from "../../hcl/eval/value.ts";
import type { Imports } from "../expression/imports.ts";
import { quote } from "../expression/text.ts";
import { keyText } from "../module/pieces.ts";

/** Where a schema stands: elements of lists and maps are never missing, so that conversion to text is safe there. */
type Position = "value" | "element";

/** Code of a schema that takes what HCL takes for the type, and converts as HCL does where nothing is lost. */
export function schemaText(type: Type, imports: Imports, position: Position = "value"): string {
  const z = imports.use("z");
  switch (type.kind) {
    case "string":
      return position === "element" ? `${z}.coerce.string()` : `${z}.string()`;
    case "number":
      return `${z}.coerce.number()`;
    case "bool":
      return `${z}.stringbool().or(${z}.boolean())`;
    case "list":
      return `${z}.array(${schemaText(type.element, imports, "element")})`;
    case "set":
      return `${z}.array(${schemaText(type.element, imports, "element")}).transform((items) => [...new Set(items)].sort())`;
    case "map":
      return `${z}.record(${z}.string(), ${schemaText(type.element, imports, "element")})`;
    case "tuple":
      return `${z}.tuple([${type.elements.map((element) => schemaText(element, imports, "element")).join(", ")}])`;
    case "object":
      return objectSchema(type, imports);
    default:
      return `${z}.any()`;
  }
}

/** A known value as code. `undefined` stands for null, and objects leave it out. */
export function valueText(data: unknown): string {
  if (data === null || data === undefined) return "undefined";
  if (typeof data === "string") return quote(data);
  if (Array.isArray(data)) return `[${data.map(valueText).join(", ")}]`;
  if (typeof data === "object") {
    const entries = Object.entries(data).filter(([, value]) => value !== null && value !== undefined);
    return entries.length === 0 ? "{}" : `{ ${entries.map(([key, value]) => `${keyText(key)}: ${valueText(value)}`).join(", ")} }`;
  }
  return String(data);
}

// --- internal ---

function objectSchema(type: ObjectType, imports: Imports): string {
  const attributes = [...type.attributes].map(([name, attribute]) => {
    const schema = schemaText(attribute, imports);
    if (type.optional?.has(name) !== true) return `${keyText(name)}: ${schema}`;
    const fallback = type.optional.get(name);
    // A given null means the default too.
    return `${keyText(name)}: ${schema}${isValue(fallback) && fallback.kind !== "null" ? `.default(${valueText(toPlain(fallback))})` : ".optional()"}`;
  });
  return `${imports.use("z")}.object({${attributes.length > 1 ? "\n" : " "}${attributes.join(", ")} })`;
}

function isValue(value: unknown): value is Value {
  return typeof value === "object" && value !== null && "kind" in value && "type" in value;
}
