import { PluginError } from "../../diagnostics/error.ts";
import { ByteWriter } from "./byte-writer.ts";
import { Float64 } from "./float64.ts";
import { DEEPEST_VALUE } from "./limits.ts";
import { encodeTime, TIME_EXTENSION } from "./time.ts";

/**
 * Writes values one after the other in msgpack, as Go peers of Packer read it (plugin-protocol section 5.2):
 *
 * - string → str, any Uint8Array → bin (the two are not interchangeable), undefined and null → nil, Date → timestamp
 * - whole number and bigint → the shortest signed integer (unsigned above 2^63 - 1); a whole number beyond 2^53, and a number with a
 *   fraction → float64, as Float64 always
 * - array → array; Map, and object without a class → map, whose undefined values become nil
 *
 * Throws a PluginError for what cannot be sent: functions, symbols, objects of other classes, invalid dates, integers beyond 64 bits,
 * more than 100 levels.
 */
export function encodeValues(...values: readonly unknown[]): Buffer {
  const writer = new ByteWriter();
  for (const value of values) write(writer, value, 0);
  return writer.finish();
}

// --- internal ---

function write(writer: ByteWriter, value: unknown, depth: number): void {
  switch (typeof value) {
    case "string":
      writeString(writer, value);
      break;
    case "number":
      // -0 is a float: an integer has no sign of its own.
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) writeInteger(writer, value);
      else writer.headFloat64(0xcb, value);
      break;
    case "bigint":
      writeBigInteger(writer, value);
      break;
    case "boolean":
      writer.head(value ? 0xc3 : 0xc2);
      break;
    case "undefined":
      writer.head(0xc0);
      break;
    case "object":
      if (value === null) writer.head(0xc0);
      else writeObject(writer, value, depth + 1);
      break;
    default:
      throw unsendable(`a ${typeof value}`);
  }
}

function writeObject(writer: ByteWriter, value: object, depth: number): void {
  if (depth > DEEPEST_VALUE) throw unsendable(`a value of more than ${DEEPEST_VALUE} levels`);
  if (Array.isArray(value)) {
    writeLength(writer, value.length, { fix: 0x90, fixLimit: 16, types: [undefined, 0xdc, 0xdd] });
    for (const item of value) write(writer, item, depth);
  } else if (value instanceof Uint8Array) {
    writeLength(writer, value.length, { fix: 0, fixLimit: 0, types: [0xc4, 0xc5, 0xc6] });
    writer.bytes(value);
  } else if (value instanceof Date) {
    writeTime(writer, value);
  } else if (value instanceof Float64) {
    writer.headFloat64(0xcb, value.value);
  } else if (value instanceof Map) {
    writeEntries(writer, [...value], depth);
  } else if (isPlain(value)) {
    writeEntries(writer, Object.entries(value), depth);
  } else {
    throw unsendable(`an object of class ${value.constructor.name}`);
  }
}

function writeEntries(writer: ByteWriter, entries: readonly (readonly [unknown, unknown])[], depth: number): void {
  writeLength(writer, entries.length, { fix: 0x80, fixLimit: 16, types: [undefined, 0xde, 0xdf] });
  for (const [key, value] of entries) {
    write(writer, key, depth);
    write(writer, value, depth);
  }
}

function writeString(writer: ByteWriter, text: string): void {
  const length = Buffer.byteLength(text);
  writeLength(writer, length, { fix: 0xa0, fixLimit: 32, types: [0xd9, 0xda, 0xdb] });
  writer.text(text, length);
}

/** The type bytes of one family: the short form's base and limit, then those with lengths of 1, 2 and 4 bytes. */
interface LengthForms {
  readonly fix: number;
  readonly fixLimit: number;
  readonly types: readonly [number | undefined, number, number];
}

function writeLength(writer: ByteWriter, length: number, { fix, fixLimit, types }: LengthForms): void {
  if (length < fixLimit) writer.head(fix | length);
  else if (length <= 0xff && types[0] !== undefined) writer.head(types[0], length, 1);
  else if (length <= 0xffff) writer.head(types[1], length, 2);
  else if (length <= 0xffff_ffff) writer.head(types[2], length, 4);
  else throw unsendable("a value of more than 4 GB");
}

function writeInteger(writer: ByteWriter, value: number): void {
  if (value >= -32 && value <= 127) writer.head(value & 0xff);
  else if (value >= -0x80 && value <= 0x7f) writer.headInt(0xd0, value, 1);
  else if (value >= -0x8000 && value <= 0x7fff) writer.headInt(0xd1, value, 2);
  else if (value >= -0x8000_0000 && value <= 0x7fff_ffff) writer.headInt(0xd2, value, 4);
  else writer.headInt64(0xd3, BigInt(value));
}

function writeBigInteger(writer: ByteWriter, value: bigint): void {
  if (value === BigInt.asIntN(64, value)) {
    if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) writeInteger(writer, Number(value));
    else writer.headInt64(0xd3, value);
  } else if (value === BigInt.asUintN(64, value)) writer.headInt64(0xcf, value);
  else throw unsendable("an integer of more than 64 bits");
}

function writeTime(writer: ByteWriter, time: Date): void {
  if (Number.isNaN(time.getTime())) throw unsendable("an invalid date");
  const body = encodeTime(time);
  const types: { readonly [length: number]: number } = { 4: 0xd6, 8: 0xd7 };
  const type = types[body.length];
  if (type === undefined) writer.head(0xc7, body.length, 1);
  else writer.head(type);
  writer.bytes(Buffer.of(TIME_EXTENSION & 0xff));
  writer.bytes(body);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function unsendable(what: string): PluginError {
  return new PluginError(`${what} cannot be sent to a plugin`);
}
