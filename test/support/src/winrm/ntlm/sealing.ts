// Session security with extended session security and 128-bit keys, the server's side: MS-NLMP 3.4.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { Rc4 } from "./rc4.ts";

/** A message as it goes over the wire. */
export interface SealedMessage {
  /** 16 bytes: version, checksum, sequence number. */
  readonly signature: Buffer;
  readonly data: Buffer;
}

/** Seals what one side sends; the other side's own copy opens it. Messages are numbered, so each goes through exactly once and in order. */
export class SealingDirection {
  readonly #signingKey: Buffer;
  readonly #cipher: Rc4;
  readonly #keyExchange: boolean;
  #sequence = 0;

  constructor(sessionKey: Uint8Array, from: "client" | "server", keyExchange: boolean) {
    const way = from === "client" ? "client-to-server" : "server-to-client";
    const derive = (use: string): Buffer =>
      createHash("md5").update(sessionKey).update(`session key to ${way} ${use} key magic constant\0`, "latin1").digest();
    this.#signingKey = derive("signing");
    this.#cipher = new Rc4(derive("sealing"));
    this.#keyExchange = keyExchange;
  }

  seal(plain: Uint8Array): SealedMessage {
    const data = this.#cipher.apply(plain);
    return { signature: this.#sign(plain), data };
  }

  /** The plain text. Throws when it is not what the other side sent, or not the next message. */
  open({ signature, data }: SealedMessage): Buffer {
    const plain = this.#cipher.apply(data);
    const expected = this.#sign(plain);
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) throw new Error("the signature is wrong");
    return plain;
  }

  #sign(plain: Uint8Array): Buffer {
    const sequence = Buffer.alloc(4);
    sequence.writeUInt32LE(this.#sequence++);
    const checksum = createHmac("md5", this.#signingKey).update(sequence).update(plain).digest().subarray(0, 8);
    return Buffer.concat([Buffer.from([1, 0, 0, 0]), this.#keyExchange ? this.#cipher.apply(checksum) : checksum, sequence]);
  }
}
