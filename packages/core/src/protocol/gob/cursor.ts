import { malformed } from "../malformed.ts";

/**
 * Reads the primitives of a gob stream (plugin-protocol section 10.1) and keeps within the current message. Every read past the end
 * throws a PluginError.
 */
export class GobCursor {
  readonly #bytes: Buffer;
  #position = 0;
  #messageEnd = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** True when everything of the current message has been read. */
  get isMessageRead(): boolean {
    return this.#position === this.#messageEnd;
  }

  /** Goes on with the next message. False at the end of the stream. */
  nextMessage(): boolean {
    if (this.#position === this.#bytes.length) return false;
    this.#messageEnd = this.#bytes.length;
    const length = this.length();
    this.#messageEnd = this.#position + length;
    return true;
  }

  uint(): number | bigint {
    const first = this.#byte();
    if (first < 128) return first;
    const width = 256 - first;
    if (width > 8) throw malformed("gob: an integer is longer than 8 bytes");
    const end = this.#advance(width);
    if (width <= 6) return this.#bytes.readUIntBE(end - width, width);
    const value =
      width === 7
        ? (BigInt(this.#byteAt(end - 7)) << 48n) | BigInt(this.#bytes.readUIntBE(end - 6, 6))
        : this.#bytes.readBigUInt64BE(end - 8);
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  int(): number | bigint {
    const raw = this.uint();
    if (typeof raw === "number") return raw % 2 === 0 ? raw / 2 : -(raw - 1) / 2 - 1;
    const value = raw % 2n === 0n ? raw / 2n : -(raw / 2n) - 1n;
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  /** A number of bytes or elements: each element takes at least one byte, so that it cannot be more than what is left of the stream. */
  length(): number {
    const length = this.uint();
    if (length > this.#bytes.length - this.#position) throw malformed("gob: the data is cut off, or a length in it is wrong");
    return Number(length);
  }

  /** An integer that has to be small: a type's number, a field's distance. */
  smallInt(): number {
    const value = this.int();
    if (typeof value === "bigint" || Math.abs(value) > 0x7fffffff) throw malformed("gob: a type number is out of range");
    return value;
  }

  /** A float: its 8 bytes reversed, read as an unsigned integer. */
  float(): number {
    const bits = Buffer.alloc(8);
    bits.writeBigUInt64LE(BigInt(this.uint()));
    // Reversed bytes in little-endian order are the bytes in big-endian order.
    return bits.readDoubleBE(0);
  }

  /** The next bytes; a view of the stream's. */
  bytes(): Buffer {
    const length = this.length();
    const end = this.#advance(length);
    return this.#bytes.subarray(end - length, end);
  }

  #byte(): number {
    return this.#byteAt(this.#advance(1) - 1);
  }

  #byteAt(position: number): number {
    return this.#bytes.readUInt8(position);
  }

  #advance(count: number): number {
    if (count > this.#messageEnd - this.#position) throw malformed("gob: the data is cut off, or a length in it is wrong");
    this.#position += count;
    return this.#position;
  }
}
