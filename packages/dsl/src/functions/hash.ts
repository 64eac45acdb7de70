// Digests of texts in hexadecimal (row FUN-08).
import { createHash } from "node:crypto";
import type { HclFunction } from "./function.ts";
import { lift, text, textResult } from "./lift.ts";

/**
 * The MD5 digest of a text.
 *
 * @example md5("hello") // "5d41402abc4b2a76b9719d911017c592"
 */
export function md5(string: string): string {
  return digest("md5", string);
}

/**
 * The SHA-1 digest of a text.
 *
 * @example sha1("hello") // "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"
 */
export function sha1(string: string): string {
  return digest("sha1", string);
}

/**
 * The SHA-256 digest of a text.
 *
 * @example sha256("hello") // "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
 */
export function sha256(string: string): string {
  return digest("sha256", string);
}

/**
 * The SHA-512 digest of a text.
 *
 * @example substr(sha512("hello"), 0, 8) // "9b71d224"
 */
export function sha512(string: string): string {
  return digest("sha512", string);
}

export const hashFunctions: readonly HclFunction[] = [
  hash("md5", "The MD5 digest of a text, in hexadecimal.", md5),
  hash("sha1", "The SHA-1 digest of a text, in hexadecimal.", sha1),
  hash("sha256", "The SHA-256 digest of a text, in hexadecimal.", sha256),
  hash("sha512", "The SHA-512 digest of a text, in hexadecimal.", sha512),
];

// --- internal ---

function digest(algorithm: string, string: string): string {
  return createHash(algorithm).update(string).digest("hex");
}

function hash(name: string, summary: string, body: (string: string) => string): HclFunction {
  return lift({
    name,
    parameters: [text("string")],
    result: textResult,
    summary,
    examples: [[`${name}("hello")`, JSON.stringify(body("hello"))]],
    body,
  });
}
