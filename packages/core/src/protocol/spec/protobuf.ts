// Specifications in protobuf form (plugin-protocol section 8).
import type { CtyType } from "../cty/type.ts";
import { checkDepth, malformed, ValueCount } from "../malformed.ts";
import { boolField, bytesField, readFields } from "./protobuf-fields.ts";
import type { WireOption, WireSpec } from "./wire-spec.ts";

/** Reads a specification; unknown fields are skipped. Throws a PluginError for anything that is none. */
export function readProtobufSpec(bytes: Buffer): WireSpec {
  return readObject(messageIn(bytes, SPEC.object), { depth: 0, count: new ValueCount("specification") });
}

/** Writes a specification. Limits on the number of blocks cannot be said in this form; the component checks them itself. */
export function writeProtobufSpec(spec: WireSpec): Buffer {
  return Buffer.concat(specMessage(spec));
}

// --- internal ---

/** Numbers of fields. */
const SPEC = { object: 1, attribute: 2, block: 3, blockList: 4 } as const;
const TYPE = { primitive: 1, list: 2, map: 3 } as const;

/** An option takes as much memory as ten plain values. */
const OPTION_WEIGHT = 10;

const primitives = { "cty.String": "string", "cty.Number": "number", "cty.Bool": "bool" } as const;

/** Where in a specification the reader is. */
interface Place {
  readonly depth: number;
  readonly count: ValueCount;
}

function readObject(message: Buffer, place: Place): WireSpec {
  checkDepth(place.depth, "specification");
  const options = new Map<string, WireOption>();
  for (const { field, value } of readFields(message)) {
    if (field !== 1 || !Buffer.isBuffer(value)) continue;
    place.count.add(OPTION_WEIGHT);
    let key = "";
    let content: Buffer | undefined;
    for (const part of readFields(value)) {
      if (!Buffer.isBuffer(part.value)) continue;
      if (part.field === 1) key = part.value.toString("utf8");
      if (part.field === 2) content = part.value;
    }
    if (content === undefined) throw malformed("specification: an option has no content");
    options.set(key, readOption(content, place));
  }
  return options;
}

function readOption(spec: Buffer, place: Place): WireOption {
  const chosen = oneOf(spec);
  if (chosen === undefined || chosen.field === SPEC.object) throw malformed("specification: an option is neither attribute nor block");
  const parts = new Map<number, Buffer | number>();
  for (const { field, value } of readFields(chosen.value)) if (field <= 3) parts.set(field, value);
  const nameBytes = parts.get(1);
  const name = Buffer.isBuffer(nameBytes) ? nameBytes.toString("utf8") : "";
  switch (chosen.field) {
    case SPEC.attribute: {
      const type = parts.get(2);
      if (!Buffer.isBuffer(type)) throw malformed("specification: an attribute has no type");
      return { kind: "attribute", name, type: readType(type, 0), required: parts.get(3) === 1 };
    }
    case SPEC.block:
      return { kind: "block", name, nested: readNested(parts.get(3), place), required: parts.get(2) === 1 };
    default:
      return { kind: "block-list", name, nested: readNested(parts.get(2), place) };
  }
}

function readNested(spec: Buffer | number | undefined, { depth, count }: Place): WireSpec {
  if (!Buffer.isBuffer(spec)) throw malformed("specification: a block has no content");
  return readObject(messageIn(spec, SPEC.object), { depth: depth + 1, count });
}

function readType(bytes: Buffer, depth: number): CtyType {
  checkDepth(depth, "specification");
  const chosen = oneOf(bytes);
  switch (chosen?.field) {
    case TYPE.primitive: {
      const text = messageIn(chosen.value, 1).toString("utf8");
      if (!isPrimitive(text)) break;
      return { kind: primitives[text] };
    }
    case TYPE.list:
      return { kind: "list", element: readType(messageIn(chosen.value, 1), depth + 1) };
    case TYPE.map:
      return { kind: "map", element: readType(messageIn(chosen.value, 1), depth + 1) };
  }
  throw malformed("specification: an attribute has a type that is not known");
}

function isPrimitive(text: string): text is keyof typeof primitives {
  return Object.hasOwn(primitives, text);
}

/** The field of a message that is a choice of messages; the last one counts. */
function oneOf(message: Buffer): { readonly field: number; readonly value: Buffer } | undefined {
  let chosen: { readonly field: number; readonly value: Buffer } | undefined;
  for (const { field, value } of readFields(message)) {
    if (field >= 1 && field <= 4 && Buffer.isBuffer(value)) chosen = { field, value };
  }
  return chosen;
}

function messageIn(message: Buffer, wanted: number): Buffer {
  let found: Buffer | undefined;
  for (const { field, value } of readFields(message)) if (field === wanted && Buffer.isBuffer(value)) found = value;
  if (found === undefined) throw malformed("specification: something is missing in it");
  return found;
}

function specMessage(spec: WireSpec): readonly Buffer[] {
  const entries = [...spec].map(([key, option]) => bytesField(1, [bytesField(1, key), bytesField(2, optionMessage(option))]));
  return [bytesField(SPEC.object, entries)];
}

function optionMessage(option: WireOption): readonly Buffer[] {
  const name = bytesField(1, option.name);
  switch (option.kind) {
    case "attribute":
      return [bytesField(SPEC.attribute, [name, bytesField(2, typeMessage(option.type)), ...boolField(3, option.required)])];
    case "block":
      return [bytesField(SPEC.block, [name, ...boolField(2, option.required), bytesField(3, specMessage(option.nested))])];
    case "block-list":
      return [bytesField(SPEC.blockList, [name, bytesField(2, specMessage(option.nested))])];
  }
}

function typeMessage(type: CtyType): readonly Buffer[] {
  switch (type.kind) {
    case "string":
      return [bytesField(TYPE.primitive, [bytesField(1, "cty.String")])];
    case "number":
      return [bytesField(TYPE.primitive, [bytesField(1, "cty.Number")])];
    case "bool":
      return [bytesField(TYPE.primitive, [bytesField(1, "cty.Bool")])];
    case "list":
      return [bytesField(TYPE.list, [bytesField(1, typeMessage(type.element))])];
    case "map":
      return [bytesField(TYPE.map, [bytesField(1, typeMessage(type.element))])];
    default:
      throw malformed(`specification: a ${type.kind} cannot be sent`);
  }
}
