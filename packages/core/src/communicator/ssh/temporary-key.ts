import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { hasText } from "../has-text.ts";
import type { CommunicatorConfig } from "../options.ts";
import { dsaToPem } from "./dsa-key.ts";
import { ed25519ToOpenSsh } from "./openssh-key.ts";
import { parsePrivateKey, publicKeyLine } from "./private-key.ts";

/** A key pair made for one machine (rows COM-12..14). The caller hands `privateKey` to `connect` as `temporaryPrivateKey`. */
export interface TemporaryKeyPair {
  /** Also the comment of the public key, by which `clearAuthorizedKeys` finds it. */
  readonly name: string;
  /** PKCS #8 PEM for RSA and ECDSA, OpenSSH's format for Ed25519, PKCS-like `DSA PRIVATE KEY` for DSA (row CON-18). */
  readonly privateKey: string;
  /** As a line of an authorized_keys file, without line end. */
  readonly publicKey: string;
}

/**
 * Makes the temporary key pair that the options ask for; `defaultName` is used when they name none. Undefined when the user
 * brings a way to log in: a key file, or an agent.
 */
export async function makeTemporaryKeyPair(config: CommunicatorConfig, defaultName: string): Promise<TemporaryKeyPair | undefined> {
  if (hasText(config.ssh_private_key_file) || config.ssh_agent_auth) return undefined;
  const name = hasText(config.temporary_key_pair_name) ? config.temporary_key_pair_name : defaultName;
  const privateKey = await generate(config.temporary_key_pair_type, config.temporary_key_pair_bits, name);
  return { name, privateKey, publicKey: publicKeyLine(await parsePrivateKey(privateKey, undefined), name) };
}

// --- internal ---

const generatePair = promisify(generateKeyPair);

async function generate(type: CommunicatorConfig["temporary_key_pair_type"], bits: number, name: string): Promise<string> {
  switch (type) {
    case "rsa":
      return pkcs8((await generatePair("rsa", { modulusLength: bits || 4096 })).privateKey);
    case "ecdsa":
      return pkcs8((await generatePair("ec", { namedCurve: `P-${bits || 521}` })).privateKey);
    case "ed25519":
      return ed25519ToOpenSsh((await generatePair("ed25519")).privateKey, name);
    case "dsa":
      // SSH fixes the second number at 160 (RFC 4253 §6.6); OpenSSH takes such keys with 1024 bits alone, and not by default.
      return dsaToPem(await generatePair("dsa", { modulusLength: bits || 1024, divisorLength: 160 }));
  }
}

function pkcs8(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
