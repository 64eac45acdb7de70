// Private RSA keys as users keep them: PEM in PKCS #1 or #8, or OpenSSH's own format (PROTOCOL.key of OpenSSH), which Node does not read.
import { createPrivateKey, type KeyObject } from "node:crypto";
import { FunctionError } from "./function.ts";

/** The key. Throws `FunctionError` for other kinds and for keys with a passphrase; no part of the key is in its message. */
export function readRsaKey(pem: string, argument: number): KeyObject {
  let key: KeyObject;
  try {
    key = pem.includes("-----BEGIN OPENSSH PRIVATE KEY-----") ? readOpenSsh(pem) : createPrivateKey(pem);
  } catch (error) {
    if (error instanceof FunctionError) throw new FunctionError(error.message, argument);
    throw new FunctionError(
      pem.includes("ENCRYPTED") ? "the private key has a passphrase; give one without" : "the private key is not an RSA key in PEM",
      argument,
    );
  }
  if (key.asymmetricKeyType !== "rsa") throw new FunctionError("the private key is not an RSA key", argument);
  return key;
}

// --- internal ---

function readOpenSsh(pem: string): KeyObject {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END OPENSSH PRIVATE KEY-----/.exec(pem)?.[1] ?? "";
  const reader = new Reader(Buffer.from(body.replace(/\s/g, ""), "base64"));
  if (reader.bytes(15).toString("latin1") !== "openssh-key-v1\0") throw new FunctionError("the private key is damaged");
  if (reader.text() !== "none") throw new FunctionError("the private key has a passphrase; give one without");
  reader.field(); // The key derivation's name,
  reader.field(); // its options,
  reader.bytes(4); // how many keys there are,
  reader.field(); // and the public one.
  const secret = new Reader(reader.field());
  secret.bytes(8); // Two equal numbers that show whether decryption worked.
  if (secret.text() !== "ssh-rsa") throw new FunctionError("the private key is not an RSA key");
  const [n, e, d, qi, p, q] = [secret.field(), secret.field(), secret.field(), secret.field(), secret.field(), secret.field()];
  const exponent = (prime: Buffer): Buffer => fromNumber(toNumber(d) % (toNumber(prime) - 1n));
  const parts = { n, e, d, p, q, dp: exponent(p), dq: exponent(q), qi };
  const encoded = Object.entries(parts).map(([name, value]) => [name, withoutZeros(value).toString("base64url")] as const);
  return createPrivateKey({ key: { kty: "RSA", ...Object.fromEntries(encoded) }, format: "jwk" });
}

/** Fields with their length in front, as SSH writes them (RFC 4251 §5). */
class Reader {
  readonly #data: Buffer;
  #position = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  bytes(count: number): Buffer {
    if (this.#position + count > this.#data.length) throw new FunctionError("the private key is cut off");
    this.#position += count;
    return this.#data.subarray(this.#position - count, this.#position);
  }

  field(): Buffer {
    return this.bytes(this.bytes(4).readUInt32BE());
  }

  text(): string {
    return this.field().toString("latin1");
  }
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex")}`);
}

function fromNumber(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, "hex");
}

function withoutZeros(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  return bytes.subarray(Math.max(0, start));
}
