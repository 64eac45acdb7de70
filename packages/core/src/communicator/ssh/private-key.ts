import { createPrivateKey, type KeyObject } from "node:crypto";
import type { ParsedKey } from "ssh2";
import { ed25519ToOpenSsh } from "./openssh-key.ts";

/** A private key cannot be used. The message has no period and never holds key material. */
export class PrivateKeyError extends Error {
  /** True if all that is missing is the passphrase, or the one given is wrong. */
  readonly needsPassphrase: boolean;

  constructor(message: string, needsPassphrase = false) {
    super(message);
    this.name = "PrivateKeyError";
    this.needsPassphrase = needsPassphrase;
  }
}

/**
 * Reads a private key in any form OpenSSH reads: OpenSSH's own, PKCS #1, SEC 1 and PKCS #8 PEM, each encrypted or not; PuTTY's
 * files too. Throws `PrivateKeyError`.
 */
export async function parsePrivateKey(text: string, passphrase: string | undefined): Promise<ParsedKey> {
  const { utils } = (await import("ssh2")).default;
  const isPkcs8 = /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text);
  // The SSH library does not read PKCS #8, which is what Node and newer OpenSSL write.
  const readable = isPkcs8 ? fromPkcs8(text, passphrase) : text;
  const parsed = utils.parseKey(readable, passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error) throw explained(key, passphrase);
  if (!key.isPrivateKey()) throw new PrivateKeyError("it holds a public key, not a private one");
  return key;
}

/** The key's public half as a line of an authorized_keys file, without line end. */
export function publicKeyLine(key: ParsedKey, comment = key.comment): string {
  return `${key.type} ${key.getPublicSSH().toString("base64")}${comment === "" ? "" : ` ${comment}`}`;
}

function fromPkcs8(text: string, passphrase: string | undefined): string {
  const encrypted = text.includes("BEGIN ENCRYPTED");
  if (encrypted && passphrase === undefined) throw new PrivateKeyError("it is encrypted", true);
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text, format: "pem", ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    // OpenSSL's own text ("error:1C800064:Provider routines::bad decrypt") helps nobody.
    throw encrypted
      ? new PrivateKeyError("its passphrase is wrong", true)
      : new PrivateKeyError("it is not a private key in a known format");
  }
  switch (key.asymmetricKeyType) {
    case "rsa":
      return key.export({ type: "pkcs1", format: "pem" }).toString();
    case "ec":
      return key.export({ type: "sec1", format: "pem" }).toString();
    case "ed25519":
      return ed25519ToOpenSsh(key, "");
    default:
      throw new PrivateKeyError(`SSH has no keys of the type ${key.asymmetricKeyType ?? "unknown"}`);
  }
}

function explained(error: Error, passphrase: string | undefined): PrivateKeyError {
  if (/no passphrase given/i.test(error.message)) return new PrivateKeyError("it is encrypted", true);
  if (passphrase !== undefined && /bad passphrase|integrity|decrypt/i.test(error.message)) {
    return new PrivateKeyError("its passphrase is wrong", true);
  }
  return new PrivateKeyError("it is not a private key in a known format");
}
