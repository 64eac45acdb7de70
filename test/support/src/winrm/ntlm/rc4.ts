/** The RC4 key stream; a handle in the words of MS-NLMP, which goes on where the last message ended. */
export class Rc4 {
  readonly #box = Uint8Array.from({ length: 256 }, (_, index) => index);
  #i = 0;
  #j = 0;

  constructor(key: Uint8Array) {
    let j = 0;
    for (let i = 0; i < 256; i += 1) {
      j = (j + (this.#box[i] ?? 0) + (key[i % key.length] ?? 0)) & 255;
      this.#swap(i, j);
    }
  }

  /** Enciphers or deciphers, which is the same. */
  apply(data: Uint8Array): Buffer {
    const result = Buffer.alloc(data.length);
    for (const [index, byte] of data.entries()) {
      this.#i = (this.#i + 1) & 255;
      this.#j = (this.#j + (this.#box[this.#i] ?? 0)) & 255;
      this.#swap(this.#i, this.#j);
      const at = ((this.#box[this.#i] ?? 0) + (this.#box[this.#j] ?? 0)) & 255;
      result[index] = byte ^ (this.#box[at] ?? 0);
    }
    return result;
  }

  #swap(i: number, j: number): void {
    [this.#box[i], this.#box[j]] = [this.#box[j] ?? 0, this.#box[i] ?? 0];
  }
}
