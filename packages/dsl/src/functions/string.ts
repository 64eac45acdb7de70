// Functions on text (row FUN-02). Text is counted in grapheme clusters where a function counts.

import { FunctionError, type HclFunction } from "./function.ts";
import { graphemesOf } from "./graphemes.ts";
import { joinFunction } from "./join.ts";
import { toLowerText, toTitleText, toUpperText } from "./letter-case.ts";
import { boolResult, lift, text, textListResult, textResult, whole } from "./lift.ts";
import { refuseSize } from "./size-limit.ts";
import { trimFunctions } from "./trim.ts";

/**
 * Whether the text ends with another.
 *
 * @example endswith("disk.qcow2", ".qcow2") // true
 */
export function endswith(string: string, suffix: string): boolean {
  return string.endsWith(suffix);
}

/**
 * The text with spaces in front of every line but the first. Refuses a negative number of them.
 *
 * @example indent(2, "a\nb") // "a\n  b"
 */
export function indent(spaces: number, string: string): string {
  if (spaces < 0) throw new FunctionError("spaces must not be negative", 0);
  refuseSize(spaces * string.split("\n").length, 0);
  return string.replaceAll("\n", `\n${" ".repeat(spaces)}`);
}

/**
 * The text in lower case.
 *
 * @example lower("ABC") // "abc"
 */
export function lower(string: string): string {
  return toLowerText(string);
}

/**
 * The text with every occurrence of another replaced. Never a regular expression, even between slashes (row FUD-02).
 *
 * @example replace("1.2.3", ".", "-") // "1-2-3"
 */
export function replace(string: string, substring: string, replacement: string): string {
  if (substring !== "") {
    refuseSize((string.length / substring.length) * replacement.length, 2);
    return string.replaceAll(substring, () => replacement);
  }
  // Nothing is found in front of every code point and at the end; JavaScript would look between halves of one too.
  return replacement + Array.from(string, (character) => character + replacement).join("");
}

/**
 * The pieces of a text between separators. An empty separator takes its code points apart.
 *
 * @example split(",", "a,b") // ["a","b"]
 */
export function split(separator: string, string: string): string[] {
  return separator === "" ? [...string] : string.split(separator);
}

/**
 * Whether the text starts with another.
 *
 * @example startswith("ubuntu-24.04", "ubuntu") // true
 */
export function startswith(string: string, prefix: string): boolean {
  return string.startsWith(prefix);
}

/**
 * Whether another text is part of this one.
 *
 * @example strcontains("ubuntu", "bun") // true
 */
export function strcontains(string: string, substring: string): boolean {
  return string.includes(substring);
}

/**
 * The text backwards.
 *
 * @example strrev("abc") // "cba"
 */
export function strrev(string: string): string {
  return graphemesOf(string).reverse().join("");
}

/**
 * A part of the text by position and length, in grapheme clusters. A negative offset counts from the end; a negative length takes all
 * there is.
 *
 * @example substr("hello world", 1, 4) // "ello"
 */
export function substr(string: string, offset: number, length: number): string {
  if (length === 0) return "";
  const characters = graphemesOf(string);
  const start = offset < 0 ? Math.max(0, characters.length + offset) : offset;
  return characters.slice(start, length < 0 ? undefined : start + length).join("");
}

/**
 * The text with the first letter of each word in upper case.
 *
 * @example title("hello world") // "Hello World"
 */
export function title(string: string): string {
  return toTitleText(string);
}

/**
 * The text in upper case.
 *
 * @example upper("abc") // "ABC"
 */
export function upper(string: string): string {
  return toUpperText(string);
}

/** The functions on text, but for `format`, regular expressions and encodings, which have files of their own. */
export const stringFunctions: readonly HclFunction[] = [
  lift({
    name: "endswith",
    parameters: [text("string"), text("suffix")],
    result: boolResult,
    summary: "Whether the text ends with another.",
    examples: [['endswith("disk.qcow2", ".qcow2")', "true"]],
    body: endswith,
  }),
  lift({
    name: "indent",
    parameters: [whole("spaces"), text("string")],
    result: textResult,
    summary: "The text with spaces in front of every line but the first.",
    examples: [['indent(2, "a\\nb")', '"a\\n  b"']],
    body: indent,
  }),
  joinFunction,
  ...trimFunctions,
  lift({
    name: "lower",
    parameters: [text("string")],
    result: textResult,
    summary: "The text in lower case.",
    examples: [['lower("ABC")', '"abc"']],
    body: lower,
  }),
  lift({
    name: "replace",
    parameters: [text("string"), text("substring"), text("replacement")],
    result: textResult,
    summary: "The text with every occurrence of another replaced; for patterns there is `regex_replace`.",
    examples: [['replace("1.2.3", ".", "-")', '"1-2-3"']],
    body: replace,
  }),
  lift({
    name: "split",
    parameters: [text("separator"), text("string")],
    result: textListResult,
    summary: "The pieces of a text between separators.",
    examples: [['split(",", "a,b")', '["a","b"]']],
    body: split,
  }),
  lift({
    name: "startswith",
    parameters: [text("string"), text("prefix")],
    result: boolResult,
    summary: "Whether the text starts with another.",
    examples: [['startswith("ubuntu-24.04", "ubuntu")', "true"]],
    body: startswith,
  }),
  lift({
    name: "strcontains",
    parameters: [text("string"), text("substring")],
    result: boolResult,
    summary: "Whether another text is part of this one.",
    examples: [['strcontains("ubuntu", "bun")', "true"]],
    body: strcontains,
  }),
  lift({
    name: "strrev",
    parameters: [text("string")],
    result: textResult,
    summary: "The text backwards.",
    examples: [['strrev("abc")', '"cba"']],
    body: strrev,
  }),
  lift({
    name: "substr",
    parameters: [text("string"), whole("offset"), whole("length")],
    result: textResult,
    summary: "A part of the text; a negative offset counts from the end, and a length of -1 takes all there is.",
    examples: [
      ['substr("hello world", 1, 4)', '"ello"'],
      ['substr("hello world", -5, -1)', '"world"'],
    ],
    body: substr,
  }),
  lift({
    name: "title",
    parameters: [text("string")],
    result: textResult,
    summary: "The text with the first letter of each word in upper case.",
    examples: [['title("hello world")', '"Hello World"']],
    body: title,
  }),
  lift({
    name: "upper",
    parameters: [text("string")],
    result: textResult,
    summary: "The text in upper case.",
    examples: [['upper("abc")', '"ABC"']],
    body: upper,
  }),
];
