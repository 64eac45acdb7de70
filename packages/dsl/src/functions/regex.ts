// Regular expressions of RE2 (rows FUN-02, FUD-02). No pattern can make them slow.
import type { RE2JS } from "re2js";
import { dynamicType, listOf, objectOf, stringType, type Type, tupleOf } from "../hcl/eval/type.ts";
import { listValue, nullValue, objectValue, stringValue, tupleValue, type Value } from "../hcl/eval/value.ts";
import { FunctionError, type HclFunction } from "./function.ts";
import { re2Library } from "./libraries.ts";
import { define, lift, readText, requireArgument, text, textResult } from "./lift.ts";
import { refuseSize } from "./size-limit.ts";

/**
 * The text with every match of a pattern replaced. In the replacement `$1`, `$name` and `${name}` stand for what a group matched, `$$`
 * for a dollar sign; a name is as long as letters, digits and underscores go, and a group that does not exist is empty (Go's
 * `Regexp.Expand`).
 *
 * @example regex_replace("b-2024", "(\\w)-(\\d+)", "$2$1") // "2024b"
 */
export function regexReplace(string: string, pattern: string, replacement: string): string {
  const compiled = compilePattern(pattern, 1);
  const template = parseReplacement(replacement);
  let result = "";
  let position = 0;
  for (const match of matchesOf(compiled, string)) {
    result += string.slice(position, match.start);
    for (const part of template) result += "literal" in part ? part.literal : (match.group(part.group) ?? "");
    refuseSize(result.length, 2);
    position = match.end;
  }
  return result + string.slice(position);
}

/** `regex`, `regexall` and `regex_replace`. */
export const regexFunctions: readonly HclFunction[] = [
  {
    ...define({
      name: "regex",
      parameters: [
        { name: "pattern", type: stringType },
        { name: "string", type: stringType },
      ],
      returns: dynamicType,
      summary: "The first match of a pattern: text, or the list or object of its capture groups.",
      examples: [
        ['regex("[a-z]+", "53453453.345345aaabbbccc")', '"aaabbbccc"'],
        ['regex("(\\\\d+)\\\\.(\\\\d+)", "v1.25")', '["1","25"]'],
        ['regex("(?P<major>\\\\d+)\\\\.(?P<minor>\\\\d+)", "v1.25")', '{"major":"1","minor":"25"}'],
      ],
      call(args) {
        const { compiled, string, groups } = readArguments(args);
        for (const match of matchesOf(compiled, string)) return capture(match, groups);
        throw new FunctionError("the pattern matches nothing in the text", 1);
      },
    }),
    returns: (args) => captureType(args),
  },
  {
    ...define({
      name: "regexall",
      parameters: [
        { name: "pattern", type: stringType },
        { name: "string", type: stringType },
      ],
      returns: dynamicType,
      summary: "All matches of a pattern: each is text, or the list or object of its capture groups.",
      examples: [
        ['regexall("[a-z]+", "1234abcd5678efgh9")', '["abcd","efgh"]'],
        ['regexall("(\\\\w)=(\\\\d)", "a=1 b=2")', '[["a","1"],["b","2"]]'],
      ],
      call(args) {
        const { compiled, string, groups } = readArguments(args);
        return listValue(
          typeOfCapture(groups),
          Array.from(matchesOf(compiled, string), (match) => capture(match, groups)),
        );
      },
    }),
    returns: (args) => listOf(captureType(args)),
  },
  lift({
    name: "regex_replace",
    parameters: [text("string"), text("pattern"), text("replacement")],
    result: textResult,
    summary: "The text with every match of a pattern replaced; `$1` and `$name` in the replacement stand for capture groups.",
    examples: [
      ['regex_replace("hello world", "o", "0")', '"hell0 w0rld"'],
      ['regex_replace("b-2024", "(\\\\w)-(\\\\d+)", "$2$1")', '"2024b"'],
    ],
    body: regexReplace,
  }),
];

// --- internal ---

interface Match {
  readonly start: number;
  readonly end: number;
  /** What a group matched: by number, or by name. Undefined when it took no part, or there is no such group. */
  group(name: number | string): string | undefined;
}

/** How a match is told: as a whole, by its groups in order, or by their names. */
type Groups =
  | { readonly kind: "whole" }
  | { readonly kind: "list"; readonly count: number }
  | { readonly kind: "names"; readonly names: readonly string[] };

type ReplacementPart = { readonly literal: string } | { readonly group: number | string };

function compilePattern(pattern: string, argument: number): RE2JS {
  try {
    return re2Library().RE2JS.compile(pattern);
  } catch (error) {
    throw new FunctionError(`the regular expression is not valid: ${error instanceof Error ? error.message : String(error)}`, argument);
  }
}

/** Matches from left to right as Go finds them: none overlap, and no empty one follows right after another. */
function* matchesOf(compiled: RE2JS, string: string): Generator<Match> {
  const matcher = compiled.matcher(string);
  const names = new Map(Object.entries(compiled.namedGroups()));
  let position = 0;
  let previousEnd = -1;
  while (position <= string.length && matcher.find(position)) {
    const start = matcher.start();
    const end = matcher.end();
    if (end > start || start !== previousEnd) {
      yield {
        start,
        end,
        group(name) {
          const number = typeof name === "number" ? name : names.get(name);
          return number === undefined || number > matcher.groupCount() ? undefined : (matcher.group(number) ?? undefined);
        },
      };
    }
    previousEnd = end;
    // Behind an empty match the search goes on one code point later.
    position = end > position ? end : position + ((string.codePointAt(position) ?? 0) > 0xffff ? 2 : 1);
  }
}

function groupsOf(compiled: RE2JS): Groups {
  const count = compiled.groupCount();
  const names = Object.keys(compiled.namedGroups());
  if (count === 0) return { kind: "whole" };
  if (names.length === 0) return { kind: "list", count };
  if (names.length < count) throw new FunctionError("the pattern mixes capture groups with and without a name; name all or none", 0);
  return { kind: "names", names };
}

function typeOfCapture(groups: Groups): Type {
  if (groups.kind === "whole") return stringType;
  if (groups.kind === "list") return tupleOf(Array.from({ length: groups.count }, () => stringType));
  return objectOf(new Map(groups.names.map((name) => [name, stringType])));
}

/** A group that took no part in the match is null. */
function capture(match: Match, groups: Groups): Value {
  const of = (name: number | string): Value => {
    const found = match.group(name);
    return found === undefined ? nullValue(stringType) : stringValue(found);
  };
  if (groups.kind === "whole") return of(0);
  if (groups.kind === "list") return tupleValue(Array.from({ length: groups.count }, (_, index) => of(index + 1)));
  return objectValue(new Map(groups.names.map((name) => [name, of(name)])));
}

function readArguments(args: readonly Value[]): { readonly compiled: RE2JS; readonly string: string; readonly groups: Groups } {
  const compiled = compilePattern(readText(requireArgument(args, 0)), 0);
  return { compiled, string: readText(requireArgument(args, 1)), groups: groupsOf(compiled) };
}

/** The type is known as soon as the pattern is. */
function captureType(args: readonly Value[]): Type {
  const pattern = requireArgument(args, 0);
  return pattern.kind === "string" ? typeOfCapture(groupsOf(compilePattern(pattern.value, 0))) : dynamicType;
}

/** A dollar sign that starts nothing stays what it is. */
function parseReplacement(replacement: string): ReplacementPart[] {
  const parts: ReplacementPart[] = [];
  let position = 0;
  for (const found of replacement.matchAll(/\$(?:(\$)|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu)) {
    parts.push({ literal: replacement.slice(position, found.index) });
    const name = found[2] ?? found[3];
    if (name === undefined) parts.push({ literal: "$" });
    else parts.push({ group: /^\d+$/.test(name) ? Number(name) : name });
    position = found.index + found[0].length;
  }
  parts.push({ literal: replacement.slice(position) });
  return parts;
}
