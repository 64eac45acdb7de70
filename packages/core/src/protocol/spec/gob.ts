// Specifications in gob form, for plugins that do not speak protobuf (plugin-protocol section 10.3).
import { GOB_TYPE_OF_TYPES, gobFromType, typeFromGob } from "../cty/gob-type.ts";
import { decodeGob } from "../gob/decode.ts";
import { encodeGob } from "../gob/encode.ts";
import { type GobField, type GobInterface, type GobType, type GobValue, isGobInterface, isGobStruct } from "../gob/type.ts";
import { checkDepth, malformed } from "../malformed.ts";
import type { WireOption, WireSpec } from "./wire-spec.ts";

/** Reads a specification. Throws a PluginError for anything that is none. Go sends maps in no particular order. */
export function readGobSpec(bytes: Buffer): WireSpec {
  return specFrom(decodeGob(bytes), 0);
}

/** Writes a specification. */
export function writeGobSpec(spec: WireSpec): Buffer {
  return encodeGob(objectSpec, specValue(spec));
}

// --- internal ---

const OBJECT_SPEC = "github.com/hashicorp/hcl/v2/hcldec.ObjectSpec";
const ATTRIBUTE = "*hcldec.AttrSpec";
const BLOCK = "*hcldec.BlockSpec";
const BLOCK_LIST = "*hcldec.BlockListSpec";
/** A block whose attributes have any names and one type: a map. */
const BLOCK_ATTRIBUTES = "*hcldec.BlockAttrsSpec";

const any: GobType = { kind: "interface" };
const objectSpec: GobType = { kind: "map", name: "ObjectSpec", key: { kind: "string" }, element: any };
const attributeSpec = structType("AttrSpec", { Name: { kind: "string" }, Type: GOB_TYPE_OF_TYPES, Required: { kind: "bool" } });
const blockSpec = structType("BlockSpec", { TypeName: { kind: "string" }, Nested: any, Required: { kind: "bool" } });
const blockListSpec = structType("BlockListSpec", {
  TypeName: { kind: "string" },
  Nested: any,
  MinItems: { kind: "int" },
  MaxItems: { kind: "int" },
});

function structType(name: string, fields: { readonly [name: string]: GobType }): GobType {
  const list: readonly GobField[] = Object.entries(fields).map(([field, type]) => ({ name: field, type }));
  return { kind: "struct", name, fields: list };
}

function specFrom(value: GobValue | undefined, depth: number): WireSpec {
  checkDepth(depth, "specification");
  if (!(value instanceof Map)) throw malformed("specification: not a list of options");
  return new Map([...value].map(([key, option]) => [String(key), optionFrom(option, depth)]));
}

function optionFrom(option: GobValue, depth: number): WireOption {
  const fields = isGobInterface(option) && isGobStruct(option.value) ? option.value.struct : undefined;
  if (!isGobInterface(option) || fields === undefined) throw malformed("specification: an option is neither attribute nor block");
  const { Name: name, TypeName: typeName, Nested: nested, MinItems: minItems, MaxItems: maxItems } = fields;
  const required = fields.Required === true;
  switch (option.name) {
    case ATTRIBUTE:
      return { kind: "attribute", name: textOf(name), type: typeFromGob(fields.Type), required };
    case BLOCK:
      return { kind: "block", name: textOf(typeName), nested: nestedFrom(nested, depth), required };
    case BLOCK_LIST: {
      const limits = { ...limit("minItems", minItems), ...limit("maxItems", maxItems) };
      return { kind: "block-list", name: textOf(typeName), nested: nestedFrom(nested, depth), ...limits };
    }
    case BLOCK_ATTRIBUTES:
      return { kind: "attribute", name: textOf(typeName), type: { kind: "map", element: typeFromGob(fields.ElementType) }, required };
    default:
      throw malformed(`specification: options of the kind ${JSON.stringify(option.name.slice(0, 60))} are not known`);
  }
}

function nestedFrom(nested: GobValue | undefined, depth: number): WireSpec {
  return specFrom(isGobInterface(nested) ? nested.value : undefined, depth + 1);
}

function limit(name: "minItems" | "maxItems", value: GobValue | undefined): { readonly minItems?: number; readonly maxItems?: number } {
  return typeof value === "number" && value > 0 ? { [name]: value } : {};
}

function textOf(value: GobValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function specValue(spec: WireSpec): GobValue {
  return new Map([...spec].map(([key, option]) => [key, optionValue(option)]));
}

function optionValue(option: WireOption): GobInterface {
  switch (option.kind) {
    case "attribute": {
      const fields = { Name: option.name, Type: gobFromType(option.type), Required: option.required };
      return { name: ATTRIBUTE, type: attributeSpec, value: { struct: fields } };
    }
    case "block": {
      const fields = { TypeName: option.name, Nested: nestedValue(option.nested), Required: option.required };
      return { name: BLOCK, type: blockSpec, value: { struct: fields } };
    }
    case "block-list": {
      const { minItems = 0, maxItems = 0 } = option;
      const fields = { TypeName: option.name, Nested: nestedValue(option.nested), MinItems: minItems, MaxItems: maxItems };
      return { name: BLOCK_LIST, type: blockListSpec, value: { struct: fields } };
    }
  }
}

function nestedValue(spec: WireSpec): GobInterface {
  return { name: OBJECT_SPEC, type: objectSpec, value: specValue(spec) };
}
