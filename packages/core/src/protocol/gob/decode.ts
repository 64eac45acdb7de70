import { checkDepth, malformed, ValueCount } from "../malformed.ts";
import { GobCursor } from "./cursor.ts";
import { BUILT_IN_TYPES, type GobInterface, type GobStruct, type GobType, type GobValue, isGobStruct, MAX_GOB_DEPTH } from "./type.ts";
import { WIRE_TYPE } from "./wire-type.ts";

/**
 * Reads the first value of a gob stream, whatever its type (plugin-protocol section 10). What follows it is left alone. Works in
 * memory proportional to the input. Throws a PluginError (TPK4002) for data that is cut off, contradicts itself or nests too deeply.
 */
export function decodeGob(bytes: Buffer): GobValue {
  return new GobReader(bytes).read();
}

// --- internal ---

class GobReader {
  readonly #cursor: GobCursor;
  readonly #types = new Map(BUILT_IN_TYPES);
  readonly #count = new ValueCount("gob");

  constructor(bytes: Buffer) {
    this.#cursor = new GobCursor(bytes);
  }

  read(): GobValue {
    return this.#delimited(this.#typeOfNext({ inInterface: false }), 0);
  }

  /** A value at the top or in an interface: one that is no struct has a zero before it. */
  #delimited(type: GobType, depth: number): GobValue {
    if (type.kind !== "struct" && this.#cursor.uint() !== 0) throw malformed("gob: a value does not start as it should");
    return this.#value(type, depth);
  }

  /**
   * The type of the value that comes next; definitions before it are taken in. Go may put definitions into the middle of an
   * interface's value, after its name: the message then ends, or the length of what follows is repeated.
   */
  #typeOfNext({ inInterface }: { readonly inInterface: boolean }): GobType {
    for (;;) {
      if (this.#cursor.isMessageRead && !this.#cursor.nextMessage()) throw malformed("gob: the data ends before its value");
      const id = this.#cursor.smallInt();
      if (id > 0) return this.#type(id);
      this.#define(-id);
      if (this.#cursor.isMessageRead) continue;
      if (!inInterface) throw malformed("gob: a type definition is followed by something else");
      this.#cursor.uint();
    }
  }

  #type(id: number): GobType {
    const type = this.#types.get(id);
    if (type === undefined) throw malformed(`gob: type ${id} is used but not defined`);
    return type;
  }

  #define(id: number): void {
    if (this.#types.has(id) || id < 16) throw malformed(`gob: type ${id} is defined twice`);
    const definition = this.#value(WIRE_TYPE, 0);
    const variant = isGobStruct(definition) ? Object.entries(definition.struct)[0] : undefined;
    const type = variant !== undefined && isGobStruct(variant[1]) ? this.#typeFrom(variant[0], variant[1]) : undefined;
    if (type === undefined) throw malformed(`gob: the definition of type ${id} is not understood`);
    this.#types.set(id, type);
  }

  /** Types inside a type are looked up when they are used: they may be defined later, or be the type itself. */
  #typeFrom(variant: string, { struct: content }: GobStruct): GobType | undefined {
    const lookUp = (id: GobValue | undefined): GobType => this.#type(typeof id === "number" ? id : 0);
    const common = content.CommonType;
    const commonName = isGobStruct(common) ? common.struct.Name : undefined;
    const name = typeof commonName === "string" ? commonName : "";
    const { Elem: element, Key: key, Len: length, Field: list } = content;
    switch (variant) {
      case "ArrayT":
        return {
          kind: "array",
          name,
          length: typeof length === "number" ? length : 0,
          get element() {
            return lookUp(element);
          },
        };
      case "SliceT":
        return {
          kind: "slice",
          name,
          get element() {
            return lookUp(element);
          },
        };
      case "MapT":
        return {
          kind: "map",
          name,
          get key() {
            return lookUp(key);
          },
          get element() {
            return lookUp(element);
          },
        };
      case "StructT":
        return { kind: "struct", name, fields: (Array.isArray(list) ? list : []).map((field: GobValue) => fieldFrom(field, lookUp)) };
      default:
        return { kind: "encoder", name };
    }
  }

  #value(type: GobType, depth: number): GobValue {
    checkDepth(depth, "gob", MAX_GOB_DEPTH);
    this.#count.add();
    const cursor = this.#cursor;
    switch (type.kind) {
      case "bool":
        return cursor.uint() !== 0;
      case "int":
        return cursor.int();
      case "uint":
        return cursor.uint();
      case "float":
        return cursor.float();
      case "complex":
        return [cursor.float(), cursor.float()];
      case "string":
        return cursor.bytes().toString("utf8");
      case "bytes":
      case "encoder":
        return cursor.bytes();
      case "interface":
        return this.#interface(depth);
      case "struct":
        return this.#struct(type.name, type.fields, depth);
      case "slice":
      case "array":
        return this.#elements(type, depth);
      case "map":
        return this.#map(type, depth);
    }
  }

  #interface(depth: number): GobInterface | null {
    const name = this.#cursor.bytes().toString("utf8");
    if (name === "") return null;
    const type = this.#typeOfNext({ inInterface: true });
    // The length of the value. It is not right where definitions follow, and nothing is skipped here.
    this.#cursor.uint();
    return { name, type, value: this.#delimited(type, depth + 1) };
  }

  #struct(name: string, fields: readonly { readonly name: string; readonly type: GobType }[], depth: number): GobStruct {
    const entries: [string, GobValue][] = [];
    let index = -1;
    for (;;) {
      const distance = this.#cursor.uint();
      if (distance === 0) return { struct: Object.fromEntries(entries) };
      index += Number(distance);
      const field = fields[index];
      if (field === undefined) throw malformed(`gob: a value of ${JSON.stringify(name)} has more fields than its type`);
      entries.push([field.name, this.#value(field.type, depth + 1)]);
    }
  }

  #elements(type: GobType & { readonly kind: "slice" | "array" }, depth: number): readonly GobValue[] {
    const count = this.#cursor.length();
    if (type.kind === "array" && count !== type.length) throw malformed("gob: an array has another length than its type");
    const element = type.element;
    const elements: GobValue[] = [];
    for (let index = 0; index < count; index++) elements.push(this.#value(element, depth + 1));
    return elements;
  }

  #map(type: GobType & { readonly kind: "map" }, depth: number): ReadonlyMap<GobValue, GobValue> {
    const { key, element } = type;
    const entries = new Map<GobValue, GobValue>();
    for (let left = this.#cursor.length(); left > 0; left--) {
      const name = this.#value(key, depth + 1);
      entries.set(name, this.#value(element, depth + 1));
    }
    return entries;
  }
}

function fieldFrom(field: GobValue, lookUp: (id: GobValue | undefined) => GobType): { readonly name: string; readonly type: GobType } {
  const { Name: name, Id: id } = isGobStruct(field) ? field.struct : {};
  return {
    name: typeof name === "string" ? name : "",
    get type() {
      return lookUp(id);
    },
  };
}
