// Sealed messages: NTLM's session security (MS-NLMP §3.4) in WinRM's envelope for it (MS-WSMV §2.2.9.1.1).
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { CommunicatorError } from "../../diagnostics/error.ts";
import { Rc4 } from "./rc4.ts";

/** The content type of a sealed request. */
export const SEALED_CONTENT_TYPE = 'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"';

/** Signs and encrypts the messages of one connection. Messages are numbered, so each goes through here once, in order. */
export class Sealing {
  readonly #outgoing: Direction;
  readonly #incoming: Direction;

  /** `side` is "server" in tests alone. */
  constructor(sessionKey: Uint8Array, side: "client" | "server" = "client") {
    const [own, other] =
      side === "client" ? (["client-to-server", "server-to-client"] as const) : (["server-to-client", "client-to-server"] as const);
    this.#outgoing = new Direction(sessionKey, own);
    this.#incoming = new Direction(sessionKey, other);
  }

  /** The body of a request whose content is `message`. */
  wrap(message: Buffer): Buffer {
    const { signature, sealed } = this.#outgoing.seal(message);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(signature.length);
    const original = `type=application/soap+xml;charset=UTF-8;Length=${message.length}`;
    const head =
      `--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n\tOriginalContent: ${original}\r\n` +
      "--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n";
    return Buffer.concat([Buffer.from(head), length, signature, sealed, Buffer.from("--Encrypted Boundary--\r\n")]);
  }

  /** The content of a sealed answer. Throws `CommunicatorError` (TPK5004) for one that was damaged or is not sealed by this session. */
  unwrap(body: Buffer): Buffer {
    const head = HEAD.exec(body.toString("latin1", 0, 1_024));
    if (head === null) throw broken();
    const length = Number(head[1]);
    const sealed = body.subarray(head[0].length);
    if (sealed.length < 20 + length || sealed.readUInt32LE(0) !== 16) throw broken();
    if (!/^-- ?Encrypted Boundary(--)?\r\n/.test(sealed.toString("latin1", 20 + length))) throw broken();
    return this.#incoming.open(sealed.subarray(4, 20), sealed.subarray(20, 20 + length));
  }
}

// --- internal ---

/** Of both parts: what comes before the length of the signature. Some servers of Microsoft's put a space into the boundary. */
const HEAD = new RegExp(
  "^-- ?Encrypted Boundary\\r\\n(?:\\s*Content-Type:[^\\r\\n]*\\r\\n)?\\s*OriginalContent:[^\\r\\n]*\\bLength=(\\d{1,9})\\r\\n" +
    "-- ?Encrypted Boundary\\r\\n\\s*Content-Type:\\s*application/octet-stream\\r\\n",
  "i",
);

/** MS-NLMP §3.4.4.2, §3.4.5: keys, a key stream, and a counter. */
class Direction {
  readonly #cipher: Rc4;
  readonly #signingKey: Buffer;
  #sequence = 0;

  constructor(sessionKey: Uint8Array, name: string) {
    const key = (purpose: string): Buffer =>
      createHash("md5").update(sessionKey).update(`session key to ${name} ${purpose} key magic constant\0`).digest();
    this.#signingKey = key("signing");
    this.#cipher = new Rc4(key("sealing"));
  }

  seal(message: Buffer): { readonly signature: Buffer; readonly sealed: Buffer } {
    const sealed = this.#cipher.apply(message);
    return { signature: this.#sign(message), sealed };
  }

  open(signature: Buffer, sealed: Buffer): Buffer {
    const message = this.#cipher.apply(sealed);
    if (!timingSafeEqual(this.#sign(message), signature)) throw broken();
    return message;
  }

  #sign(message: Buffer): Buffer {
    const sequence = Buffer.alloc(4);
    sequence.writeUInt32LE(this.#sequence);
    this.#sequence = (this.#sequence + 1) >>> 0;
    const checksum = createHmac("md5", this.#signingKey).update(sequence).update(message).digest().subarray(0, 8);
    return Buffer.concat([Buffer.from([1, 0, 0, 0]), this.#cipher.apply(checksum), sequence]);
  }
}

function broken(): CommunicatorError {
  return new CommunicatorError("the machine sent an answer that is not sealed as this session's answers are", { code: "TPK5004" });
}
