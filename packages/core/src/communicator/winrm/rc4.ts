// RC4, which NTLM's message sealing is built on and OpenSSL 3 no longer has. The cipher that RFC 4757 §1 and MS-NLMP §3.4 name.

/** One direction of a sealed conversation: the key stream goes on from call to call. */
export class Rc4 {
  readonly #state = new Uint8Array(256);
  #i = 0;
  #j = 0;

  constructor(key: Uint8Array) {
    const state = this.#state;
    for (let index = 0; index < 256; index++) state[index] = index;
    let j = 0;
    for (let i = 0; i < 256; i++) {
      const value = state[i] ?? 0;
      j = (j + value + (key[i % key.length] ?? 0)) & 0xff;
      state[i] = state[j] ?? 0;
      state[j] = value;
    }
  }

  /** Encrypts or decrypts the next bytes. */
  apply(bytes: Uint8Array): Buffer {
    const state = this.#state;
    const result = Buffer.allocUnsafe(bytes.length);
    let i = this.#i;
    let j = this.#j;
    for (let index = 0; index < bytes.length; index++) {
      i = (i + 1) & 0xff;
      const left = state[i] ?? 0;
      j = (j + left) & 0xff;
      const right = state[j] ?? 0;
      state[i] = right;
      state[j] = left;
      result[index] = (bytes[index] ?? 0) ^ (state[(left + right) & 0xff] ?? 0);
    }
    this.#i = i;
    this.#j = j;
    return result;
  }
}
