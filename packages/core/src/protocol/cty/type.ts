import { checkDepth, malformed } from "../malformed.ts";
import { isJsonObject, type JsonValue, quoteJson } from "./json-text.ts";

/** A type of cty, the value system that HCL and plugins share. */
export type CtyType =
  | { readonly kind: "string" | "number" | "bool" | "dynamic" }
  | { readonly kind: "list" | "set" | "map"; readonly element: CtyType }
  | { readonly kind: "object"; readonly attributes: ReadonlyMap<string, CtyType> }
  | { readonly kind: "tuple"; readonly elements: readonly CtyType[] };

/**
 * A value to be sent, null included: texts, booleans, lists and, for objects and maps, `Map`s. Numbers are JavaScript's or, where
 * those are not exact, decimal text; the type that goes with the value tells it from a text.
 */
export type CtyValue = null | string | boolean | number | readonly CtyValue[] | ReadonlyMap<string, CtyValue>;

/** A value and its type. Objects have all attributes of their type. */
export interface TypedValue {
  readonly type: CtyType;
  readonly value: CtyValue;
}

/** A type as JSON: `["list","string"]` (plugin-protocol section 9.1). Attributes are sorted, as Go sorts them. */
export function formatType(type: CtyType): string {
  switch (type.kind) {
    case "string":
    case "number":
    case "bool":
    case "dynamic":
      return `"${type.kind}"`;
    case "list":
    case "set":
    case "map":
      return `["${type.kind}",${formatType(type.element)}]`;
    case "object":
      return `["object",{${sortedEntries(type.attributes)
        .map(([name, attribute]) => `${quoteJson(name)}:${formatType(attribute)}`)
        .join(",")}}]`;
    case "tuple":
      return `["tuple",[${type.elements.map(formatType).join(",")}]]`;
  }
}

/** The type that JSON states. Throws a PluginError for what is none. */
export function parseType(json: JsonValue | undefined, depth = 0): CtyType {
  checkDepth(depth, "cty type");
  if (json === "string" || json === "number" || json === "bool" || json === "dynamic") return { kind: json };
  if (Array.isArray(json)) {
    const [kind, content]: readonly (JsonValue | undefined)[] = json;
    if (kind === "list" || kind === "set" || kind === "map") return { kind, element: parseType(content, depth + 1) };
    if (kind === "tuple" && Array.isArray(content)) {
      return { kind, elements: content.map((element: JsonValue) => parseType(element, depth + 1)) };
    }
    // A third element may name optional attributes; values have them all the same.
    if (kind === "object" && isJsonObject(content)) {
      return { kind, attributes: new Map([...content].map(([name, attribute]) => [name, parseType(attribute, depth + 1)])) };
    }
  }
  throw malformed("cty type: not a type that is known");
}

/** Entries in the order in which Go writes the attributes of objects and the keys of maps. */
export function sortedEntries<Item>(entries: ReadonlyMap<string, Item>): readonly (readonly [string, Item])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
