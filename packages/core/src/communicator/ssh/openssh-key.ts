// Ed25519 keys in OpenSSH's own format (PROTOCOL.key of OpenSSH): neither Node nor OpenSSL writes it.
import type { KeyObject } from "node:crypto";
import { randomBytes } from "node:crypto";
import { InternalError } from "../../diagnostics/error.ts";

/** Prints an Ed25519 private key as an unencrypted `OPENSSH PRIVATE KEY`. */
export function ed25519ToOpenSsh(privateKey: KeyObject, comment: string): string {
  const { x, d } = privateKey.export({ format: "jwk" });
  if (x === undefined || d === undefined) throw new InternalError("not an Ed25519 private key");
  const publicBytes = Buffer.from(x, "base64url");
  const publicBlob = Buffer.concat([sshString("ssh-ed25519"), sshString(publicBytes)]);
  // The same random number twice: that is how a reader knows that it decrypted well.
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    publicBlob,
    sshString(Buffer.concat([Buffer.from(d, "base64url"), publicBytes])),
    sshString(comment),
  ]);
  const blob = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    sshString("none"),
    sshString("none"),
    sshString(""),
    uint32(1),
    sshString(publicBlob),
    sshString(pad(secret)),
  ]);
  return pem("OPENSSH PRIVATE KEY", blob, 70);
}

/** One string of SSH's wire format (RFC 4251 §5): length, then bytes. */
export function sshString(value: string | Uint8Array): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** Wraps bytes into PEM armour. */
export function pem(label: string, bytes: Buffer, width = 64): string {
  const lines = bytes.toString("base64").match(new RegExp(`.{1,${width}}`, "g")) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Pads to the block size of "no cipher", 8, with 1, 2, 3, … */
function pad(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}
