// Values as msgpack with their type: what data sources answer with `--protobuf` (plugin-protocol section 9.2).
import { checkDepth, malformed } from "../malformed.ts";
import { ValueDecoder } from "../msgpack/decode.ts";
import { encodeValues } from "../msgpack/encode.ts";
import { Float64 } from "../msgpack/float64.ts";
import { parseJson } from "./json-text.ts";
import { decimalText, exactNumber } from "./number.ts";
import { type CtyType, type CtyValue, formatType, parseType, sortedEntries, type TypedValue } from "./type.ts";

/** `[type, value]`; a null of dynamic type is nil. Throws a PluginError for a value that does not have its type. */
export function encodeTypedMsgpack({ type, value }: TypedValue): Buffer {
  if (value === null && type.kind === "dynamic") return encodeValues(null);
  return encodeValues([Buffer.from(formatType(type), "utf8"), sendable(value, type, 0)]);
}

/** Reads `[type, value]` as plain data, as `parseTypedJson` returns it. Throws a PluginError (TPK4002) for anything else. */
export function decodeTypedMsgpack(bytes: Buffer): unknown {
  const decoder = new ValueDecoder();
  const [value, ...others] = decoder.push(bytes);
  if (value === undefined || others.length > 0 || decoder.isInsideValue) throw malformed("cty value: the data is not one whole value");
  return readDynamic(value, 0);
}

// --- internal ---

function sendable(value: CtyValue, type: CtyType, depth: number): unknown {
  checkDepth(depth, "cty value");
  if (value === null) return null;
  switch (type.kind) {
    case "string":
      if (typeof value === "string") return value;
      break;
    case "bool":
      if (typeof value === "boolean") return value;
      break;
    case "number":
      if (typeof value === "string") return value;
      if (typeof value === "number") return sendableNumber(value);
      break;
    case "list":
    case "set":
      if (Array.isArray(value)) return value.map((item: CtyValue) => sendable(item, type.element, depth + 1));
      break;
    case "tuple":
      if (!Array.isArray(value) || value.length !== type.elements.length) break;
      return type.elements.map((element, index) => sendable(value[index] ?? null, element, depth + 1));
    case "map":
      if (value instanceof Map) return sendableEntries(value, () => type.element, depth);
      break;
    case "object":
      if (value instanceof Map) return sendableEntries(value, (name) => type.attributes.get(name), depth);
      break;
    case "dynamic":
      break;
  }
  throw malformed(`cty value: it does not have its type, ${type.kind}`);
}

/** A number that its double only approximates, such as 0.1 or 1e100, goes as text. */
function sendableNumber(value: number): unknown {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return value;
  return Number.isFinite(value) && !isExact(value) ? decimalText(value) : new Float64(value);
}

/** True when the number's decimal text is exactly what its double holds. */
function isExact(value: number): boolean {
  if (Number.isInteger(value)) return BigInt(value).toString() === decimalText(value);
  return Number.isSafeInteger(value * 2 ** 40) && exactNumber(value.toFixed(40)) === value;
}

function sendableEntries(value: ReadonlyMap<string, CtyValue>, typeOf: (name: string) => CtyType | undefined, depth: number): unknown {
  return new Map(
    sortedEntries(value).map(([name, item]) => {
      const type = typeOf(name);
      if (type === undefined) throw malformed("cty value: it has an attribute that its type does not have");
      return [name, sendable(item, type, depth + 1)];
    }),
  );
}

function readDynamic(data: unknown, depth: number): unknown {
  if (data === null) return null;
  const [type, value]: readonly unknown[] = Array.isArray(data) && data.length === 2 ? data : [];
  const json = Buffer.isBuffer(type) ? type.toString("utf8") : type;
  if (typeof json !== "string") throw malformed("cty value: not a type and a value");
  return readValue(value, parseType(parseJson(json)), depth + 1);
}

function readValue(data: unknown, type: CtyType, depth: number): unknown {
  checkDepth(depth, "cty value");
  if (type.kind === "dynamic") return readDynamic(data, depth);
  if (data === null) return null;
  switch (type.kind) {
    case "string":
      if (typeof data === "string") return data;
      break;
    case "bool":
      if (typeof data === "boolean") return data;
      break;
    case "number": {
      const number = readNumber(data);
      if (number !== undefined) return number;
      break;
    }
    case "list":
    case "set":
      if (Array.isArray(data)) return data.map((item: unknown) => readValue(item, type.element, depth + 1));
      break;
    case "tuple":
      if (!Array.isArray(data) || data.length !== type.elements.length) break;
      return type.elements.map((element, index) => readValue(data[index], element, depth + 1));
    case "map":
      return Object.fromEntries(readEntries(data, { kind: type.kind, element: type.element }, depth));
    case "object":
      return Object.fromEntries(readEntries(data, type, depth));
  }
  throw malformed(`cty value: it does not have its type, ${type.kind}`);
}

function readNumber(data: unknown): number | string | undefined {
  if (typeof data === "number") return data;
  return typeof data === "bigint" || typeof data === "string" ? exactNumber(String(data)) : undefined;
}

function readEntries(
  data: unknown,
  type: Extract<CtyType, { readonly attributes: unknown }> | { readonly kind: "map"; readonly element: CtyType },
  depth: number,
): readonly (readonly [string, unknown])[] {
  if (typeof data !== "object" || data === null || Array.isArray(data) || Buffer.isBuffer(data) || data instanceof Date) {
    throw malformed(`cty value: it does not have its type, ${type.kind}`);
  }
  // A map with other keys than texts would be a Map, and is none of ours; an empty one is an object.
  const entries = Object.entries(data);
  if (type.kind === "map") return entries.map(([name, item]) => [name, readValue(item, type.element, depth + 1)]);
  const given = new Map(entries);
  if (given.size !== type.attributes.size) throw malformed("cty value: its attributes are not those of its type");
  return [...type.attributes].map(([name, attribute]) => {
    const item = given.get(name);
    if (item === undefined) throw malformed("cty value: an attribute of its type is missing");
    return [name, readValue(item, attribute, depth + 1)];
  });
}
