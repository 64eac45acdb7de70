// msgpack as Go peers of Packer write it (plugin-protocol section 5.2), from a byte stream that is cut anywhere. Work is linear in the
// input, memory bounded by `limits.ts`.
import { PluginError } from "../../diagnostics/error.ts";
import { Assembly } from "./assembly.ts";
import { LARGEST_VALUE_BYTES } from "./limits.ts";
import { decodeTime } from "./time.ts";
import { type TokenShape, tokenShape } from "./token.ts";

/**
 * Takes whole values out of a byte stream: str as string, bin as Buffer, integers as number (as bigint beyond 2^53), floats as number,
 * timestamps as Date (to the millisecond), maps as objects (as Map if a key is not a string), nil as null.
 */
export class ValueDecoder {
  readonly #assembly = new Assembly();
  readonly #head = Buffer.alloc(LONGEST_HEAD);
  #headLength = 0;
  #shape: TokenShape | undefined;
  #body: Body | undefined;
  /** Bytes of the value in work. */
  #size = 0;
  #values: unknown[] = [];

  /** True between a value's first and last byte. */
  get isInsideValue(): boolean {
    return this.#size > 0;
  }

  /** Takes the next bytes and returns the values that they complete. Throws a PluginError for what is no msgpack; it is useless then. */
  push(bytes: Buffer): unknown[] {
    let offset = 0;
    while (offset < bytes.length) {
      offset += this.#body === undefined ? this.#takeHead(bytes, offset) : this.#takeBody(this.#body, bytes, offset);
    }
    const values = this.#values;
    this.#values = [];
    return values;
  }

  /** Takes a type byte or what is missing of its argument; returns the number of bytes taken. */
  #takeHead(bytes: Buffer, offset: number): number {
    if (this.#shape === undefined) {
      const type = bytes.readUInt8(offset);
      this.#shape = tokenShape(type);
      if (this.#shape === undefined) throw new PluginError("a plugin sent something that is no msgpack (0xc1)");
      this.#head[0] = type;
      this.#headLength = 1;
      this.#grow(1);
      if (this.#shape.argument === 0) this.#useHead(this.#shape);
      return 1;
    }
    const shape = this.#shape;
    const taken = bytes.copy(this.#head, this.#headLength, offset, offset + 1 + shape.argument - this.#headLength);
    this.#headLength += taken;
    this.#grow(taken);
    if (this.#headLength === 1 + shape.argument) this.#useHead(shape);
    return taken;
  }

  #takeBody(body: Body, bytes: Buffer, offset: number): number {
    const piece = bytes.subarray(offset, offset + body.length - body.received);
    if (body.received + piece.length > body.bytes.length) {
      // Grows with what has come, not with what is announced.
      const larger = Buffer.allocUnsafe(Math.min(body.length, Math.max(body.bytes.length * 2, body.received + piece.length)));
      body.bytes.copy(larger, 0, 0, body.received);
      body.bytes = larger;
    }
    body.received += piece.copy(body.bytes, body.received);
    this.#grow(piece.length);
    if (body.received === body.length) this.#useBody(body);
    return piece.length;
  }

  #useHead(shape: TokenShape): void {
    this.#shape = undefined;
    const { kind } = shape;
    switch (kind) {
      case "nil":
        this.#add(null);
        break;
      case "bool":
        this.#add(shape.inline === 1);
        break;
      case "int":
      case "uint":
        this.#add(shape.inline ?? this.#integer(shape));
        break;
      case "float":
        this.#add(shape.argument === 4 ? this.#head.readFloatBE(1) : this.#head.readDoubleBE(1));
        break;
      case "array":
      case "map":
        this.#finish(this.#assembly.start(kind, this.#length(shape)));
        break;
      default:
        this.#startBody(kind, this.#length(shape));
    }
  }

  #startBody(kind: Body["kind"], length: number): void {
    if (length > LARGEST_VALUE_BYTES) throw tooLarge();
    // The type of an extension stands between its length and its data.
    const total = kind === "extension" ? length + 1 : length;
    const body = { kind, length: total, received: 0, bytes: Buffer.allocUnsafe(Math.min(total, FIRST_BLOCK)) };
    if (total === 0) this.#useBody(body);
    else this.#body = body;
  }

  #useBody({ kind, bytes }: Body): void {
    this.#body = undefined;
    if (kind === "string") this.#add(bytes.toString("utf8"));
    else if (kind === "binary") this.#add(bytes);
    else this.#add(decodeTime(bytes.readInt8(0), bytes.subarray(1)));
  }

  #length(shape: TokenShape): number {
    return shape.inline ?? this.#head.readUIntBE(1, shape.argument);
  }

  #integer({ kind, argument }: TokenShape): number | bigint {
    if (argument < 8) return kind === "int" ? this.#head.readIntBE(1, argument) : this.#head.readUIntBE(1, argument);
    const value = kind === "int" ? this.#head.readBigInt64BE(1) : this.#head.readBigUInt64BE(1);
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }

  #add(value: unknown): void {
    this.#finish(this.#assembly.add(value));
  }

  #finish(outcome: { readonly complete?: unknown }): void {
    if (!("complete" in outcome)) return;
    this.#values.push(outcome.complete);
    this.#size = 0;
  }

  #grow(bytes: number): void {
    this.#size += bytes;
    if (this.#size > LARGEST_VALUE_BYTES) throw tooLarge();
  }
}

// --- internal ---

/** A type byte and 8 bytes. */
const LONGEST_HEAD = 9;
const FIRST_BLOCK = 65_536;

/** A string, binary or extension in work. */
interface Body {
  readonly kind: "string" | "binary" | "extension";
  readonly length: number;
  received: number;
  bytes: Buffer;
}

function tooLarge(): PluginError {
  return new PluginError(`a plugin sent a message of more than ${LARGEST_VALUE_BYTES} bytes`);
}
