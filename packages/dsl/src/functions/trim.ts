// Functions that take characters off the ends of a text (row FUN-02).
import type { HclFunction } from "./function.ts";
import { lift, text, textResult } from "./lift.ts";

/**
 * The text without the line ends behind it.
 *
 * @example chomp("one\n\n") // "one"
 */
export function chomp(string: string): string {
  let end = string.length;
  while (end > 0 && (string[end - 1] === "\n" || string[end - 1] === "\r")) end -= 1;
  return string.slice(0, end);
}

/**
 * The text without any of some characters at both of its ends.
 *
 * @example trim("?!hello?!", "!?") // "hello"
 */
export function trim(string: string, characters: string): string {
  const set = new Set(characters);
  const all = [...string];
  let start = 0;
  let end = all.length;
  while (start < end && set.has(all[start] ?? "")) start += 1;
  while (end > start && set.has(all[end - 1] ?? "")) end -= 1;
  return all.slice(start, end).join("");
}

/**
 * The text without another in front of it; once.
 *
 * @example trimprefix("v1.2.3", "v") // "1.2.3"
 */
export function trimprefix(string: string, prefix: string): string {
  return string.startsWith(prefix) ? string.slice(prefix.length) : string;
}

/**
 * The text without white space at both of its ends.
 *
 * @example trimspace("  hello\n") // "hello"
 */
export function trimspace(string: string): string {
  let start = 0;
  let end = string.length;
  while (start < end && isSpace(string.charAt(start))) start += 1;
  while (end > start && isSpace(string.charAt(end - 1))) end -= 1;
  return string.slice(start, end);
}

/**
 * The text without another behind it; once.
 *
 * @example trimsuffix("disk.qcow2", ".qcow2") // "disk"
 */
export function trimsuffix(string: string, suffix: string): string {
  return suffix !== "" && string.endsWith(suffix) ? string.slice(0, -suffix.length) : string;
}

/** `chomp` and the trim functions. */
export const trimFunctions: readonly HclFunction[] = [
  lift({
    name: "chomp",
    parameters: [text("string")],
    result: textResult,
    summary: "The text without the line ends behind it.",
    examples: [['chomp("one\\n\\n")', '"one"']],
    body: chomp,
  }),
  lift({
    name: "trim",
    parameters: [text("string"), text("characters")],
    result: textResult,
    summary: "The text without any of some characters at both of its ends.",
    examples: [['trim("?!hello?!", "!?")', '"hello"']],
    body: trim,
  }),
  lift({
    name: "trimprefix",
    parameters: [text("string"), text("prefix")],
    result: textResult,
    summary: "The text without another in front of it.",
    examples: [['trimprefix("v1.2.3", "v")', '"1.2.3"']],
    body: trimprefix,
  }),
  lift({
    name: "trimspace",
    parameters: [text("string")],
    result: textResult,
    summary: "The text without white space at both of its ends.",
    examples: [['trimspace("  hello\\n")', '"hello"']],
    body: trimspace,
  }),
  lift({
    name: "trimsuffix",
    parameters: [text("string"), text("suffix")],
    result: textResult,
    summary: "The text without another behind it.",
    examples: [['trimsuffix("disk.qcow2", ".qcow2")', '"disk"']],
    body: trimsuffix,
  }),
];

// --- internal ---

/** Go's `unicode.IsSpace`. */
function isSpace(character: string): boolean {
  return /[\u0085\p{White_Space}]/u.test(character);
}
