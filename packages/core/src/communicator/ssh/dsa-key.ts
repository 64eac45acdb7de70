// DSA keys in the PEM form that OpenSSL calls traditional, SEQUENCE { 0, p, q, g, y, x }: Node makes DSA keys, but writes PKCS #8 alone.
import type { KeyObject } from "node:crypto";
import { pem } from "./openssh-key.ts";

/** Prints a DSA key pair as `DSA PRIVATE KEY` (row CON-18). */
export function dsaToPem(pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }): string {
  const [, algorithm, secret] = children(pair.privateKey.export({ type: "pkcs8", format: "der" }));
  const [, publicPart] = children(pair.publicKey.export({ type: "spki", format: "der" }));
  if (algorithm === undefined || secret === undefined || publicPart === undefined) throw new Error("not a DSA key");
  const [, parameters] = children(algorithm);
  const primes = parameters === undefined ? [] : children(parameters);
  const x = content(secret);
  // A BIT STRING starts with the number of unused bits.
  const y = content(publicPart).subarray(1);
  const zero = Buffer.from([0x02, 0x01, 0x00]);
  return pem("DSA PRIVATE KEY", element(0x30, Buffer.concat([zero, ...primes, y, x])));
}

// --- internal ---

/** The elements inside a constructed DER element (X.690 §8.1), each whole. */
function children(der: Buffer): Buffer[] {
  const inside = content(der);
  const found: Buffer[] = [];
  for (let position = 0; position < inside.length; ) {
    const length = headerLength(inside, position) + contentLength(inside, position);
    found.push(inside.subarray(position, position + length));
    position += length;
  }
  return found;
}

function content(der: Buffer): Buffer {
  const start = headerLength(der, 0);
  return der.subarray(start, start + contentLength(der, 0));
}

function headerLength(der: Buffer, position: number): number {
  const length = der[position + 1] ?? 0;
  return length < 0x80 ? 2 : 2 + (length & 0x7f);
}

function contentLength(der: Buffer, position: number): number {
  const length = der[position + 1] ?? 0;
  return length < 0x80 ? length : der.readUIntBE(position + 2, length & 0x7f);
}

function element(tag: number, inside: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt16BE(inside.length, 2);
  return Buffer.concat([Buffer.from([tag, 0x82]), length.subarray(2), inside]);
}
