// Base64, gzip and URLs (rows FUN-02 and FUN-03). The character sets are in character-sets.ts.
import { gzipSync } from "node:zlib";
import { decodeText, encodeText } from "./character-sets.ts";
import { FunctionError, type HclFunction } from "./function.ts";
import { lift, text, textResult } from "./lift.ts";

/**
 * The UTF-8 bytes of a text in Base64.
 *
 * @example base64encode("hello") // "aGVsbG8="
 */
export function base64encode(string: string): string {
  return Buffer.from(string).toString("base64");
}

/**
 * The text whose UTF-8 bytes are this Base64. Refuses what is not padded, and bytes that are no text.
 *
 * @example base64decode("aGVsbG8=") // "hello"
 */
export function base64decode(string: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(base64Bytes(string, 0));
  } catch (error) {
    if (error instanceof FunctionError) throw error;
    throw new FunctionError("the decoded bytes are not UTF-8 text", 0);
  }
}

/**
 * The text compressed with gzip, in Base64. The header holds no time and no system, as Go writes it, so the result is always the same.
 *
 * @example base64gzip("hello") // "H4sIAAAAAAAA/8tIzcnJBwCGphA2BQAAAA=="
 */
export function base64gzip(string: string): string {
  const bytes = gzipSync(string);
  bytes.set([0, 0xff], 8);
  return bytes.toString("base64");
}

/**
 * The text as a part of a URL's query: blanks become `+` (Go's `url.QueryEscape`).
 *
 * @example urlencode("a b&c") // "a+b%26c"
 */
export function urlencode(string: string): string {
  // URLSearchParams leaves `*` alone and escapes `~`.
  return new URLSearchParams([["", string]]).toString().slice(1).replaceAll("*", "%2A").replaceAll("%7E", "~");
}

/**
 * The text in some character set, in Base64. Names are IANA's, in any case. Refuses characters that the set has not.
 *
 * @example textencodebase64("hi", "UTF-16LE") // "aABpAA=="
 */
export function textencodebase64(string: string, encoding: string): string {
  return Buffer.from(encodeText(string, encoding)).toString("base64");
}

/**
 * The text that Base64 holds in some character set. Bytes that stand for nothing become U+FFFD.
 *
 * @example textdecodebase64("aABpAA==", "UTF-16LE") // "hi"
 */
export function textdecodebase64(source: string, encoding: string): string {
  return decodeText(base64Bytes(source, 0), encoding);
}

/** `base64encode` and its like. */
export const textEncodingFunctions: readonly HclFunction[] = [
  lift({
    name: "base64decode",
    parameters: [text("string")],
    result: textResult,
    summary: "The text whose UTF-8 bytes are this Base64.",
    examples: [['base64decode("aGVsbG8=")', '"hello"']],
    body: base64decode,
  }),
  lift({
    name: "base64encode",
    parameters: [text("string")],
    result: textResult,
    summary: "The UTF-8 bytes of a text in Base64.",
    examples: [['base64encode("hello")', '"aGVsbG8="']],
    body: base64encode,
  }),
  lift({
    name: "base64gzip",
    parameters: [text("string")],
    result: textResult,
    summary: "The text compressed with gzip, in Base64: for user data, say.",
    examples: [['base64gzip("hello")', '"H4sIAAAAAAAA/8tIzcnJBwCGphA2BQAAAA=="']],
    body: base64gzip,
  }),
  lift({
    name: "textdecodebase64",
    parameters: [text("source"), text("encoding")],
    result: textResult,
    summary: "The text that Base64 holds in some character set, by its IANA name.",
    examples: [['textdecodebase64("aABpAA==", "UTF-16LE")', '"hi"']],
    body: textdecodebase64,
  }),
  lift({
    name: "textencodebase64",
    parameters: [text("string"), text("encoding")],
    result: textResult,
    summary: "The text in some character set, by its IANA name, in Base64: for PowerShell's -EncodedCommand, say.",
    examples: [['textencodebase64("hi", "UTF-16LE")', '"aABpAA=="']],
    body: textencodebase64,
  }),
  lift({
    name: "urlencode",
    parameters: [text("string")],
    result: textResult,
    summary: "The text as a part of a URL's query.",
    examples: [['urlencode("a b&c")', '"a+b%26c"']],
    body: urlencode,
  }),
];

// --- internal ---

/** Standard Base64 with its padding; line ends in it do not count. */
function base64Bytes(source: string, argument: number): Uint8Array {
  const plain = source.replace(/[\r\n]/g, "");
  if (plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) {
    throw new FunctionError("the text is not standard Base64 with padding", argument);
  }
  return Buffer.from(plain, "base64");
}
