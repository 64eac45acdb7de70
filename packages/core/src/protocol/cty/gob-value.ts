// Values as Go sends them in gob: what data sources of old plugins answer (plugin-protocol section 10.4).
import { decodeGob } from "../gob/decode.ts";
import { encodeGob } from "../gob/encode.ts";
import { type GobInterface, type GobType, type GobValue, isGobInterface, isGobStruct } from "../gob/type.ts";
import { checkDepth, malformed } from "../malformed.ts";
import { GOB_TYPE_OF_TYPES, gobFromType, typeFromGob } from "./gob-type.ts";
import { bigFloatFromNumber, numberFromBigFloat } from "./number.ts";
import type { CtyType, CtyValue, TypedValue } from "./type.ts";

/** Writes a value. Throws a PluginError for one that does not have its type. */
export function encodeTypedGob({ type, value }: TypedValue): Buffer {
  const content = encodeGob(gobValue, { struct: { Ty: gobFromType(type), V: interfaceFrom(value, type, 0) } });
  return encodeGob({ kind: "encoder", name: "Value" }, content);
}

/** Reads a value as plain data, as `parseTypedJson` returns it. Throws a PluginError (TPK4002) for anything else. */
export function decodeTypedGob(bytes: Buffer): unknown {
  const outer = decodeGob(bytes);
  const content = Buffer.isBuffer(outer) ? decodeGob(outer) : undefined;
  if (!isGobStruct(content) || content.struct.Version !== undefined) throw malformed("cty value: not a value in gob");
  return readValue(content.struct.V ?? null, typeFromGob(content.struct.Ty), 0);
}

// --- internal ---

const NUMBER = "math/big.Float";
const LIST = "[]interface {}";
const MAP = "map[string]interface {}";
const SET = "github.com/zclconf/go-cty/cty/set.Set";

const any: GobType = { kind: "interface" };
const floatType: GobType = { kind: "encoder", name: "Float" };
const listType: GobType = { kind: "slice", name: "[]interface {}", element: any };
const setType: GobType = { kind: "encoder", name: "Set" };
const mapType: GobType = { kind: "map", name: "map[string]interface {}", key: { kind: "string" }, element: any };
const gobValue: GobType = {
  kind: "struct",
  name: "gobValue",
  fields: [
    { name: "Version", type: { kind: "int" } },
    { name: "Ty", type: GOB_TYPE_OF_TYPES },
    { name: "V", type: any },
  ],
};

const gobSet: GobType = {
  kind: "struct",
  name: "gobSet",
  fields: [
    { name: "Version", type: { kind: "int" } },
    { name: "Rules", type: any },
    { name: "Values", type: listType },
  ],
};

function readValue(held: GobValue, type: CtyType, depth: number): unknown {
  checkDepth(depth, "cty value");
  if (held === null) return null;
  const value = isGobInterface(held) ? held.value : undefined;
  switch (type.kind) {
    case "string":
      if (typeof value === "string") return value;
      break;
    case "bool":
      if (typeof value === "boolean") return value;
      break;
    case "number":
      if (Buffer.isBuffer(value)) return numberFromBigFloat(value);
      break;
    case "list":
      if (Array.isArray(value)) return value.map((item: GobValue) => readValue(item, type.element, depth + 1));
      break;
    case "set": {
      const set = Buffer.isBuffer(value) ? decodeGob(value) : undefined;
      const elements = isGobStruct(set) ? (set.struct.Values ?? []) : undefined;
      if (Array.isArray(elements)) return elements.map((item: GobValue) => readValue(item, type.element, depth + 1));
      break;
    }
    case "tuple":
      if (!Array.isArray(value) || value.length !== type.elements.length) break;
      return type.elements.map((element, index) => readValue(value[index] ?? null, element, depth + 1));
    case "map":
      if (!(value instanceof Map)) break;
      return Object.fromEntries([...value].map(([name, item]) => [String(name), readValue(item, type.element, depth + 1)]));
    case "object":
      if (!(value instanceof Map)) break;
      return Object.fromEntries(
        [...type.attributes].map(([name, attribute]) => [name, readValue(value.get(name) ?? null, attribute, depth + 1)]),
      );
    case "dynamic":
      break;
  }
  throw malformed(`cty value: it does not have its type, ${type.kind}`);
}

function interfaceFrom(value: CtyValue, type: CtyType, depth: number): GobInterface | null {
  checkDepth(depth, "cty value");
  if (value === null) return null;
  const inside = (item: CtyValue | undefined, itemType: CtyType | undefined): GobInterface | null => {
    if (itemType === undefined) throw malformed("cty value: it has an attribute that its type does not have");
    return interfaceFrom(item ?? null, itemType, depth + 1);
  };
  switch (type.kind) {
    case "string":
      if (typeof value === "string") return { name: "string", type: { kind: "string" }, value };
      break;
    case "bool":
      if (typeof value === "boolean") return { name: "bool", type: { kind: "bool" }, value };
      break;
    case "number":
      if (typeof value === "number" || typeof value === "string")
        return { name: NUMBER, type: floatType, value: bigFloatFromNumber(value) };
      break;
    case "list":
      if (isList(value)) return { name: LIST, type: listType, value: value.map((item) => inside(item, type.element)) };
      break;
    case "set": {
      if (!isList(value)) break;
      const elements = value.map((item) => inside(item, type.element));
      return { name: SET, type: setType, value: encodeGob(gobSet, { struct: { Rules: rulesFor(type.element), Values: elements } }) };
    }
    case "tuple":
      if (!isList(value) || value.length !== type.elements.length) break;
      return { name: LIST, type: listType, value: value.map((item, index) => inside(item, type.elements[index])) };
    case "map":
      if (value instanceof Map) return mapOf(value, (item) => inside(item, type.element));
      break;
    case "object":
      if (value instanceof Map) return mapOf(value, (item, name) => inside(item, type.attributes.get(name)));
      break;
    case "dynamic":
      break;
  }
  throw malformed(`cty value: it does not have its type, ${type.kind}`);
}
const setRules: GobType = { kind: "struct", name: "setRules", fields: [{ name: "Type", type: GOB_TYPE_OF_TYPES }] };

/** How Go compares the elements of a set. */
function rulesFor(element: CtyType): GobInterface {
  return { name: "github.com/zclconf/go-cty/cty.setRules", type: setRules, value: { struct: { Type: gobFromType(element) } } };
}

function mapOf(value: ReadonlyMap<string, CtyValue>, entry: (item: CtyValue, name: string) => GobValue): GobInterface {
  return { name: MAP, type: mapType, value: new Map([...value].map(([name, item]) => [name, entry(item, name)])) };
}

function isList(value: CtyValue): value is readonly CtyValue[] {
  return Array.isArray(value);
}
