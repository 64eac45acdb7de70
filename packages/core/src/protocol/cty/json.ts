// Values as JSON with their type (plugin-protocol section 9.1).
import { checkDepth, malformed } from "../malformed.ts";
import { isJsonObject, JsonNumber, type JsonValue, parseJson, quoteJson } from "./json-text.ts";
import { decimalText, exactNumber } from "./number.ts";
import { type CtyType, type CtyValue, formatType, parseType, sortedEntries, type TypedValue } from "./type.ts";

/** `{"value":…,"type":…}`, as Go writes it. Throws a PluginError for infinite numbers and values that do not have their type. */
export function formatTypedJson({ type, value }: TypedValue): string {
  if (value === null && type.kind === "dynamic") return "null";
  return `{"value":${formatValue(value, type, 0)},"type":${formatType(type)}}`;
}

/**
 * Reads `{"value":…,"type":…}` as plain data: lists, sets and tuples are arrays, objects and maps are objects, null is null; a number
 * that JavaScript cannot hold exactly is its decimal text. Throws a PluginError (TPK4002) for anything else.
 */
export function parseTypedJson(bytes: Buffer): unknown {
  return readDynamic(parseJson(bytes.toString("utf8")), 0);
}

// --- internal ---

function formatValue(value: CtyValue, type: CtyType, depth: number): string {
  checkDepth(depth, "cty value");
  if (value === null) return "null";
  switch (type.kind) {
    case "string":
      if (typeof value === "string") return quoteJson(value);
      break;
    case "bool":
      if (typeof value === "boolean") return String(value);
      break;
    case "number":
      if ((typeof value === "number" && Number.isFinite(value)) || typeof value === "string") return decimalText(value);
      break;
    case "list":
    case "set":
      if (isList(value)) return `[${value.map((item) => formatValue(item, type.element, depth + 1)).join(",")}]`;
      break;
    case "tuple":
      if (isList(value) && value.length === type.elements.length) {
        return `[${type.elements.map((element, index) => formatValue(value[index] ?? null, element, depth + 1)).join(",")}]`;
      }
      break;
    case "map":
      if (value instanceof Map) return formatEntries(value, () => type.element, depth);
      break;
    case "object":
      if (value instanceof Map) return formatEntries(value, (name) => type.attributes.get(name), depth);
      break;
    case "dynamic":
      break;
  }
  throw malformed(`cty value: it does not have its type, ${type.kind}`);
}

function formatEntries(value: ReadonlyMap<string, CtyValue>, typeOf: (name: string) => CtyType | undefined, depth: number): string {
  const entries = sortedEntries(value).map(([name, item]) => {
    const type = typeOf(name);
    if (type === undefined) throw malformed("cty value: it has an attribute that its type does not have");
    return `${quoteJson(name)}:${formatValue(item, type, depth + 1)}`;
  });
  return `{${entries.join(",")}}`;
}

function isList(value: CtyValue): value is readonly CtyValue[] {
  return Array.isArray(value);
}

function readDynamic(json: JsonValue, depth: number): unknown {
  if (json === null) return null;
  const value = isJsonObject(json) ? json.get("value") : undefined;
  const type = isJsonObject(json) ? json.get("type") : undefined;
  if (value === undefined || type === undefined) throw malformed("cty value: neither null nor a value with its type");
  return readValue(value, parseType(type), depth + 1);
}

function readValue(json: JsonValue, type: CtyType, depth: number): unknown {
  checkDepth(depth, "cty value");
  if (type.kind === "dynamic") return readDynamic(json, depth);
  if (json === null) return null;
  switch (type.kind) {
    case "string":
      if (typeof json === "string") return json;
      break;
    case "bool":
      if (typeof json === "boolean") return json;
      break;
    case "number": {
      // Go takes a number in quotes too.
      const number = json instanceof JsonNumber ? exactNumber(json.text) : typeof json === "string" ? exactNumber(json) : undefined;
      if (number !== undefined) return number;
      break;
    }
    case "list":
    case "set":
      if (Array.isArray(json)) return json.map((item: JsonValue) => readValue(item, type.element, depth + 1));
      break;
    case "tuple":
      if (Array.isArray(json) && json.length === type.elements.length) {
        return type.elements.map((element, index) => readValue(json[index] ?? null, element, depth + 1));
      }
      break;
    case "map":
      if (!isJsonObject(json)) break;
      return Object.fromEntries([...json].map(([name, item]) => [name, readValue(item, type.element, depth + 1)]));
    case "object":
      if (!isJsonObject(json) || json.size !== type.attributes.size) break;
      return Object.fromEntries([...type.attributes].map(([name, attribute]) => [name, readAttribute(json.get(name), attribute, depth)]));
  }
  throw malformed(`cty value: it does not have its type, ${type.kind}`);
}

function readAttribute(json: JsonValue | undefined, type: CtyType, depth: number): unknown {
  if (json === undefined) throw malformed("cty value: an attribute of its type is missing");
  return readValue(json, type, depth + 1);
}
