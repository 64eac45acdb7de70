/** Bytes that are collected in one growing buffer, integers big endian. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;

  /** A type byte alone, or followed by an unsigned integer of `width` bytes. */
  head(type: number, value = 0, width = 0): void {
    const at = this.#reserve(1 + width);
    this.#bytes[at] = type;
    if (width > 0) this.#bytes.writeUIntBE(value, at + 1, width);
  }

  headInt(type: number, value: number, width: number): void {
    const at = this.#reserve(1 + width);
    this.#bytes[at] = type;
    this.#bytes.writeIntBE(value, at + 1, width);
  }

  headInt64(type: number, value: bigint): void {
    const at = this.#reserve(9);
    this.#bytes[at] = type;
    this.#bytes.writeBigUInt64BE(BigInt.asUintN(64, value), at + 1);
  }

  headFloat64(type: number, value: number): void {
    const at = this.#reserve(9);
    this.#bytes[at] = type;
    this.#bytes.writeDoubleBE(value, at + 1);
  }

  text(text: string, length: number): void {
    // Makes room first: that may replace the buffer.
    const at = this.#reserve(length);
    this.#bytes.write(text, at, "utf8");
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }
}
