import { checkDepth, malformed } from "../malformed.ts";
import { BUILT_IN_TYPES, type GobType, type GobValue, isGobInterface, isGobStruct, MAX_GOB_DEPTH } from "./type.ts";
import { WIRE_TYPE } from "./wire-type.ts";

/**
 * Writes one value as a gob stream: the definitions of all types first, then the value (plugin-protocol section 10). Types are told
 * apart by identity: use one object for one Go type. Throws a PluginError when the value does not have the type.
 */
export function encodeGob(type: GobType, value: GobValue): Buffer {
  const numbers = new TypeNumbers();
  const parts: Buffer[] = [int(numbers.of(type))];
  if (type.kind !== "struct") parts.push(uint(0));
  write(type, value, { parts, numbers, depth: 0 });
  return Buffer.concat([...numbers.definitions(), message(parts)]);
}

// --- internal ---

interface Target {
  readonly parts: Buffer[];
  readonly numbers: TypeNumbers;
  readonly depth: number;
}

/** Numbers below are Go's own. */
const FIRST_NUMBER = 65;

const builtInNumbers = new Map([...BUILT_IN_TYPES].map(([number, type]) => [type.kind, number]));

/** Gives each type of the stream its number when it is first met. */
class TypeNumbers {
  readonly #numbers = new Map<GobType, number>();

  of(type: GobType): number {
    const known = builtInNumbers.get(type.kind) ?? this.#numbers.get(type);
    if (known !== undefined) return known;
    const number = FIRST_NUMBER + this.#numbers.size;
    this.#numbers.set(type, number);
    return number;
  }

  /** The definition messages. Types that only definitions name are added on the way. */
  *definitions(): Generator<Buffer> {
    // A Map's iterator also sees entries that are added meanwhile.
    for (const [type, number] of this.#numbers) {
      const parts: Buffer[] = [int(-number)];
      write(WIRE_TYPE, { struct: this.#definition(type, number) }, { parts, numbers: this, depth: 0 });
      yield message(parts);
    }
  }

  #definition(type: GobType, number: number): { readonly [variant: string]: GobValue } {
    const common = { CommonType: { struct: { Name: "name" in type ? type.name : "", Id: number } } };
    switch (type.kind) {
      case "array":
        return { ArrayT: { struct: { ...common, Elem: this.of(type.element), Len: type.length } } };
      case "slice":
        return { SliceT: { struct: { ...common, Elem: this.of(type.element) } } };
      case "map":
        return { MapT: { struct: { ...common, Key: this.of(type.key), Elem: this.of(type.element) } } };
      case "struct": {
        const fields = type.fields.map((field) => ({ struct: { Name: field.name, Id: this.of(field.type) } }));
        return { StructT: { struct: { ...common, Field: fields } } };
      }
      default:
        return { GobEncoderT: { struct: common } };
    }
  }
}

function write(type: GobType, value: GobValue, target: Target): void {
  checkDepth(target.depth, "gob", MAX_GOB_DEPTH);
  const inside = { ...target, depth: target.depth + 1 };
  const simple = simpleBytes(type, value);
  if (simple !== undefined) target.parts.push(...simple);
  else if (type.kind === "interface" && isGobInterface(value)) writeInterface(value, inside);
  else if (type.kind === "struct" && isGobStruct(value)) writeStruct(type, value.struct, inside);
  else if ((type.kind === "slice" || type.kind === "array") && Array.isArray(value)) writeElements(type.element, value, inside);
  else if (type.kind === "map" && value instanceof Map) writeMap(type, value, inside);
  else throw malformed(`gob: a value does not have its type, ${type.kind}`);
}

/** The bytes of a value that holds no others; undefined if it does, or does not have the type. */
function simpleBytes(type: GobType, value: GobValue): readonly Buffer[] | undefined {
  switch (type.kind) {
    case "bool":
      return typeof value === "boolean" ? [uint(value ? 1 : 0)] : undefined;
    case "int":
      return isInteger(value) ? [int(value)] : undefined;
    case "uint":
      return isInteger(value) && value >= 0 ? [uint(value)] : undefined;
    case "float":
      return typeof value === "number" ? [float(value)] : undefined;
    case "string":
      return typeof value === "string" ? delimited(Buffer.from(value, "utf8")) : undefined;
    case "bytes":
    case "encoder":
      return Buffer.isBuffer(value) ? delimited(value) : undefined;
    case "interface":
      return value === null ? [uint(0)] : undefined;
    default:
      return undefined;
  }
}

function writeInterface({ name, type, value }: { name: string; type: GobType; value: GobValue }, target: Target): void {
  const content: Buffer[] = type.kind === "struct" ? [] : [uint(0)];
  write(type, value, { ...target, parts: content });
  target.parts.push(...delimited(Buffer.from(name, "utf8")), int(target.numbers.of(type)), ...delimited(Buffer.concat(content)));
}

function writeStruct(type: GobType & { kind: "struct" }, fields: { readonly [name: string]: GobValue }, target: Target): void {
  let previous = -1;
  for (const [index, field] of type.fields.entries()) {
    const value = fields[field.name];
    if (value === undefined || isZero(value)) continue;
    target.parts.push(uint(index - previous));
    write(field.type, value, target);
    previous = index;
  }
  target.parts.push(uint(0));
}

function writeElements(element: GobType, elements: readonly GobValue[], target: Target): void {
  target.parts.push(uint(elements.length));
  for (const value of elements) write(element, value, target);
}

function writeMap(type: GobType & { kind: "map" }, entries: ReadonlyMap<GobValue, GobValue>, target: Target): void {
  target.parts.push(uint(entries.size));
  for (const [key, value] of entries) {
    write(type.key, key, target);
    write(type.element, value, target);
  }
}

/** Fields with such values are left out. */
function isZero(value: GobValue): boolean {
  if (value === null || value === false || value === "" || value === 0 || value === 0n) return !Object.is(value, -0);
  return (Array.isArray(value) || Buffer.isBuffer(value)) && value.length === 0;
}

function isInteger(value: GobValue): value is number | bigint {
  return typeof value === "bigint" || Number.isSafeInteger(value);
}

function message(parts: readonly Buffer[]): Buffer {
  return Buffer.concat(delimited(Buffer.concat(parts)));
}

function delimited(bytes: Buffer): readonly Buffer[] {
  return [uint(bytes.length), bytes];
}

function int(value: number | bigint): Buffer {
  const wide = BigInt(value);
  return uint(wide < 0n ? ((-wide - 1n) << 1n) | 1n : wide << 1n);
}

function float(value: number): Buffer {
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  return uint(bits.readBigUInt64LE(0));
}

function uint(value: number | bigint): Buffer {
  if (value < 128) return Buffer.of(Number(value));
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  if (bytes.length > 8) throw malformed("gob: an integer is longer than 8 bytes");
  return Buffer.concat([Buffer.of(256 - bytes.length), bytes]);
}
