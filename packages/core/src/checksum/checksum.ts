import { ConfigError } from "../diagnostics/error.ts";
import type { ChecksumType } from "./digest.ts";
import { isChecksumType } from "./digest.ts";

/** What a download has to match (row ISO-03). */
export type Checksum =
  | { readonly kind: "none" }
  | { readonly kind: "digest"; readonly type: ChecksumType; readonly hex: string }
  /** A list of checksums, local or remote, that has a line for the file. */
  | { readonly kind: "list"; readonly location: string };

/** Types that a bare digest can mean, by their number of hex digits. */
const typeByLength: { readonly [length: number]: ChecksumType } = { 32: "md5", 40: "sha1", 64: "sha256", 128: "sha512" };

const hexLength: { readonly [type in ChecksumType]: number } = { md5: 32, sha1: 40, sha224: 56, sha256: 64, sha384: 96, sha512: 128 };

/**
 * Reads `none`, bare hex (the type follows from the length), `TYPE:HEX` or `file:LOCATION`. Throws `ConfigError` (TPK3105)
 * whose message has no period and can stand behind "is not acceptable:".
 */
export function parseChecksum(text: string): Checksum {
  const trimmed = text.trim();
  if (trimmed === "") throw refusal("it is empty", 'Write "none" to go without one.');
  if (trimmed === "none") return { kind: "none" };
  if (trimmed.toLowerCase().endsWith(".iso")) {
    throw refusal("it ends in .iso, like the file itself", "For a list of checksums write file:LOCATION, with the location of the list.");
  }
  const colon = trimmed.indexOf(":");
  if (colon === -1) {
    const type = /^[0-9a-f]*$/i.test(trimmed) ? typeByLength[trimmed.length] : undefined;
    if (type === undefined) {
      throw refusal(
        "it is neither a digest of md5, sha1, sha256 or sha512 nor TYPE:DIGEST, file:LOCATION or none",
        "Write it like sha256:HEX.",
      );
    }
    return { kind: "digest", type, hex: trimmed.toLowerCase() };
  }
  const name = trimmed.slice(0, colon).toLowerCase();
  const value = trimmed.slice(colon + 1).trim();
  if (name === "file") {
    if (value === "") throw refusal("file: is not followed by a location");
    return { kind: "list", location: value };
  }
  if (!isChecksumType(name)) throw refusal(`${JSON.stringify(name)} is not a type of checksum`, "Use md5, sha1, sha256 or sha512.");
  return digest(name, value);
}

/** `sha256:HEX`, as `parseChecksum` reads it. */
export function formatChecksum(checksum: Checksum): string {
  switch (checksum.kind) {
    case "none":
      return "none";
    case "digest":
      return `${checksum.type}:${checksum.hex}`;
    case "list":
      return `file:${checksum.location}`;
  }
}

function digest(type: ChecksumType, value: string): Checksum {
  const hex = value.toLowerCase();
  if (!/^[0-9a-f]+$/.test(hex)) throw refusal(`what follows ${type}: is not hexadecimal`);
  if (hex.length !== hexLength[type]) throw refusal(`a ${type} digest has ${hexLength[type]} digits, this one has ${hex.length}`);
  return { kind: "digest", type, hex };
}

function refusal(message: string, hint?: string): ConfigError {
  return new ConfigError(message, { code: "TPK3105", hint });
}
