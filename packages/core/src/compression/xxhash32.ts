// xxHash, 32 bits (xxHash fast digest algorithm, version 0.1.1, "XXH32"), for LZ4 frames.

const PRIME_1 = 0x9e3779b1 | 0;
const PRIME_2 = 0x85ebca77 | 0;
const PRIME_3 = 0xc2b2ae3d | 0;
const PRIME_4 = 0x27d4eb2f | 0;
const PRIME_5 = 0x165667b1 | 0;
const STRIPE_LENGTH = 16;

/** The digest of bytes that arrive in pieces, seed 0. */
export class XxHash32 {
  #a = (PRIME_1 + PRIME_2) | 0;
  #b = PRIME_2;
  #c = 0;
  #d = -PRIME_1 | 0;
  #total = 0;
  /** Bytes that do not fill a stripe yet. */
  readonly #rest = Buffer.alloc(STRIPE_LENGTH);
  #restLength = 0;

  update(chunk: Buffer): this {
    this.#total += chunk.length;
    let at = 0;
    if (this.#restLength > 0) {
      at = Math.min(STRIPE_LENGTH - this.#restLength, chunk.length);
      chunk.copy(this.#rest, this.#restLength, 0, at);
      this.#restLength += at;
      if (this.#restLength < STRIPE_LENGTH) return this;
      this.#stripes(this.#rest, 0, STRIPE_LENGTH);
      this.#restLength = 0;
    }
    const end = chunk.length - ((chunk.length - at) % STRIPE_LENGTH);
    this.#stripes(chunk, at, end);
    this.#restLength = chunk.copy(this.#rest, 0, end);
    return this;
  }

  /** The digest so far, as an unsigned number. */
  digest(): number {
    let hash =
      this.#total >= STRIPE_LENGTH ? (rotate(this.#a, 1) + rotate(this.#b, 7) + rotate(this.#c, 12) + rotate(this.#d, 18)) | 0 : PRIME_5;
    hash = (hash + this.#total) | 0;
    let at = 0;
    for (; at + 4 <= this.#restLength; at += 4) {
      hash = Math.imul(rotate((hash + Math.imul(this.#rest.readInt32LE(at), PRIME_3)) | 0, 17), PRIME_4);
    }
    for (; at < this.#restLength; at++) {
      hash = Math.imul(rotate((hash + Math.imul(this.#rest.readUInt8(at), PRIME_5)) | 0, 11), PRIME_1);
    }
    hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
    hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  #stripes(bytes: Buffer, start: number, end: number): void {
    let a = this.#a;
    let b = this.#b;
    let c = this.#c;
    let d = this.#d;
    for (let at = start; at < end; at += STRIPE_LENGTH) {
      a = round(a, word(bytes, at));
      b = round(b, word(bytes, at + 4));
      c = round(c, word(bytes, at + 8));
      d = round(d, word(bytes, at + 12));
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }
}

function round(lane: number, input: number): number {
  return Math.imul(rotate((lane + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Four bytes, little endian. Several times faster here than `readInt32LE`, which checks its bounds each time. */
function word(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) >>> 0
  );
}
