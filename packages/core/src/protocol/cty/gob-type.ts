// Types of cty as Go sends them in gob: each one a stream of its own (plugin-protocol section 10.3).
import { decodeGob } from "../gob/decode.ts";
import { encodeGob } from "../gob/encode.ts";
import { type GobInterface, type GobType, type GobValue, isGobInterface, isGobStruct } from "../gob/type.ts";
import { checkDepth, malformed } from "../malformed.ts";
import type { CtyType } from "./type.ts";

/** The Go type whose values are the bytes of `gobFromType`. One object, because writers tell types apart by identity. */
export const GOB_TYPE_OF_TYPES: GobType = { kind: "encoder", name: "Type" };

/** Reads a type. Throws a PluginError for what is none, or not one that a plugin can send. */
export function typeFromGob(bytes: GobValue | undefined, depth = 0): CtyType {
  checkDepth(depth, "cty type");
  const content = Buffer.isBuffer(bytes) ? decodeGob(bytes) : undefined;
  const implementation = isGobStruct(content) ? content.struct.Impl : undefined;
  if (isGobStruct(content) && content.struct.Version === undefined && isGobInterface(implementation)) {
    const type = typeFromImplementation(implementation, depth + 1);
    if (type !== undefined) return type;
  }
  throw malformed("cty type: not a type that is known");
}

/** Writes a type. Throws a PluginError for the dynamic type, which gob cannot say. */
export function gobFromType(type: CtyType, depth = 0): Buffer {
  checkDepth(depth, "cty type");
  return encodeGob(gobType, { struct: { Impl: implementationOf(type, depth + 1) } });
}

// --- internal ---

const PREFIX = "github.com/zclconf/go-cty/cty.";

const primitiveType = structType("primitiveType", "Kind", { kind: "uint" });
const typeObject = structType("typeObject", "AttrTypes", {
  kind: "map",
  name: "map[string]cty.Type",
  key: { kind: "string" },
  element: GOB_TYPE_OF_TYPES,
});
const typeTuple = structType("typeTuple", "ElemTypes", { kind: "slice", name: "[]cty.Type", element: GOB_TYPE_OF_TYPES });
const collections = {
  list: structType("typeList", "ElementTypeT", GOB_TYPE_OF_TYPES),
  set: structType("typeSet", "ElementTypeT", GOB_TYPE_OF_TYPES),
  map: structType("typeMap", "ElementTypeT", GOB_TYPE_OF_TYPES),
};

const gobType: GobType = {
  kind: "struct",
  name: "gobType",
  fields: [
    { name: "Version", type: { kind: "int" } },
    { name: "Impl", type: { kind: "interface" } },
  ],
};

/** Kinds of primitive types are letters: S, N, B. */
const primitiveLetters = { string: 83, number: 78, bool: 66 } as const;

function structType(name: string, field: string, type: GobType): GobType & { readonly kind: "struct" } {
  return { kind: "struct", name, fields: [{ name: field, type }] };
}

function typeFromImplementation({ name, value }: GobInterface, depth: number): CtyType | undefined {
  if (!isGobStruct(value) || !name.startsWith(PREFIX)) return undefined;
  const { Kind: kind, ElementTypeT: element, AttrTypes: attributes, ElemTypes: elements = [] } = value.struct;
  switch (name.slice(PREFIX.length)) {
    case "primitiveType":
      if (kind === primitiveLetters.string) return { kind: "string" };
      if (kind === primitiveLetters.number) return { kind: "number" };
      return kind === primitiveLetters.bool ? { kind: "bool" } : undefined;
    case "typeList":
      return { kind: "list", element: typeFromGob(element, depth) };
    case "typeSet":
      return { kind: "set", element: typeFromGob(element, depth) };
    case "typeMap":
      return { kind: "map", element: typeFromGob(element, depth) };
    case "typeObject": {
      const entries = attributes instanceof Map ? [...attributes] : [];
      return { kind: "object", attributes: new Map(entries.map(([attribute, type]) => [String(attribute), typeFromGob(type, depth)])) };
    }
    case "typeTuple":
      return Array.isArray(elements) ? { kind: "tuple", elements: elements.map((type: GobValue) => typeFromGob(type, depth)) } : undefined;
    default:
      return undefined;
  }
}

function implementationOf(type: CtyType, depth: number): GobInterface {
  switch (type.kind) {
    case "string":
    case "number":
    case "bool":
      return implementation(primitiveType, primitiveLetters[type.kind]);
    case "list":
    case "set":
    case "map":
      return implementation(collections[type.kind], gobFromType(type.element, depth));
    case "object":
      return implementation(typeObject, new Map([...type.attributes].map(([name, attribute]) => [name, gobFromType(attribute, depth)])));
    case "tuple":
      return implementation(
        typeTuple,
        type.elements.map((element) => gobFromType(element, depth)),
      );
    case "dynamic":
      throw malformed("cty type: a value of any type cannot be sent as gob");
  }
}

function implementation(type: GobType & { readonly kind: "struct" }, value: GobValue): GobInterface {
  return { name: PREFIX + type.name, type, value: { struct: Object.fromEntries(type.fields.map((field) => [field.name, value])) } };
}
