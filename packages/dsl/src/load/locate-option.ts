// Finds where an option stands in the text of a call: `["disk", 0, "size"]` in `source("qemu", "web", { disk: [{ size: 1 }] })`.
// Works on tokens, without a parser, since it runs only when something is wrong and need not understand the rest of the file.
import type { PathSegment, SourcePosition } from "@tspack/core";
import { scanSource, type Token } from "./scan-source.ts";

/** A stretch of text; `exact` when it is the option itself, and not merely the nearest thing that could be found. */
export interface LocatedOption {
  readonly start: SourcePosition;
  readonly end: SourcePosition;
  readonly exact: boolean;
}

/** A value in the text: its tokens, without those around it. */
type Value = readonly Token[];

interface Found {
  readonly token: Token;
  /** How many segments of the path were found. */
  readonly depth: number;
}

/** How many constants are looked up on the way to an option. */
const lookupLimit = 8;

/**
 * Finds an option among the arguments of the call at `call` (the place a stack names: the function's name). The empty path is
 * the call: its name and its leading texts. Undefined when there is no call at that place.
 */
export function locateOption(
  text: string,
  call: { readonly line: number; readonly column: number },
  path: readonly PathSegment[],
): LocatedOption | undefined {
  const start = offsetOf(text, call.line, call.column);
  if (start === undefined) return undefined;
  const tokens = callTokens(text, start);
  const open = tokens.findIndex(({ kind, value }) => kind === "mark" && value === "(");
  if (open < 0) return undefined;
  const values = splitList(tokens.slice(open + 1, -1));
  const range = (from: number, to: number, exact: boolean): LocatedOption => ({
    start: positionOf(text, from),
    end: positionOf(text, to),
    exact,
  });
  if (path.length > 0) {
    let best: Found | undefined;
    for (const value of [...values].reverse()) {
      const found = findIn({ text, value, path, depth: 0, lookups: lookupLimit });
      if (found !== undefined && found.depth > (best?.depth ?? 0)) best = found;
    }
    if (best !== undefined) return range(best.token.start, best.token.end, best.depth === path.length);
  }
  let end = tokens[open]?.end ?? start;
  for (const value of values) {
    const only = value.length === 1 ? value[0] : undefined;
    if (only?.kind !== "text") break;
    end = only.end;
  }
  return range(start, end, path.length === 0);
}

/** The tokens of a call, up to its closing parenthesis. */
function callTokens(text: string, start: number): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  for (const token of scanSource(text, start)) {
    tokens.push(token);
    depth += depthChange(token);
    if (token.value === ")" && token.kind === "mark" && depth <= 0) return tokens;
    // The statement ended without a call.
    if (depth < 0 || (depth === 0 && token.value === ";")) return [];
  }
  return tokens;
}

function depthChange({ kind, value }: Token): number {
  if (kind !== "mark") return 0;
  if (value === "(" || value === "[" || value === "{") return 1;
  return value === ")" || value === "]" || value === "}" ? -1 : 0;
}

/** Splits what stands between brackets at its commas. */
function splitList(tokens: readonly Token[]): Value[] {
  const values: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    depth += depthChange(token);
    if (depth === 0 && token.kind === "mark" && token.value === ",") values.push([]);
    else values.at(-1)?.push(token);
  }
  return values.filter((value) => value.length > 0);
}

interface Search {
  readonly text: string;
  readonly value: Value;
  readonly path: readonly PathSegment[];
  readonly depth: number;
  readonly lookups: number;
}

/** Looks for what is left of a path inside a value. */
function findIn(search: Search): Found | undefined {
  const { text, value, path, depth, lookups } = search;
  const segment = path[depth];
  const first = value[0];
  if (segment === undefined || first === undefined || lookups <= 0) return undefined;
  if (isMark(first, "(")) return findIn({ ...search, value: inside(value) });
  if (isMark(first, "{")) return findInObject(search, splitList(inside(value)));
  if (isMark(first, "[")) return typeof segment === "number" ? findInList(search, splitList(inside(value)), segment) : undefined;
  if (first.kind === "name" && (value.length === 1 || /^(?:as|satisfies)$/.test(value[1]?.value ?? ""))) {
    const constant = constantValue(text, first.value, first.start);
    return constant === undefined ? undefined : findIn({ ...search, value: constant, lookups: lookups - 1 });
  }
  // `flag ? { … } : { … }` and `flag && { … }`: whichever object has it.
  let best: Found | undefined;
  for (const object of objectsIn(value)) {
    const found = findInObject(search, splitList(inside(object)));
    if (found !== undefined && found.depth > (best?.depth ?? 0)) best = found;
  }
  return best;
}

function findInObject(search: Search, properties: readonly Value[]): Found | undefined {
  const { path, depth } = search;
  const key = String(path[depth]);
  let spread: Found | undefined;
  // The last one of a name wins, as in JavaScript.
  for (const property of [...properties].reverse()) {
    const [first, second] = property;
    if (first === undefined) continue;
    if (isMark(first, "...")) {
      spread ??= findIn({ ...search, value: property.slice(1), lookups: search.lookups - 1 });
      continue;
    }
    const [name, rest] = isMark(first, "[") ? [second, property.slice(3)] : [first, property.slice(1)];
    if (name === undefined || name.value !== key) continue;
    const own: Found = { token: name, depth: depth + 1 };
    const value = rest[0] !== undefined && isMark(rest[0], ":") ? rest.slice(1) : property;
    return depth + 1 === path.length ? own : (findIn({ ...search, value, depth: depth + 1 }) ?? own);
  }
  return spread;
}

function findInList(search: Search, elements: readonly Value[], index: number): Found | undefined {
  const before = elements.slice(0, index + 1);
  // After a spread nobody knows which element is which.
  if (before.some(([first]) => first !== undefined && isMark(first, "..."))) return undefined;
  const element = elements[index];
  const first = element?.[0];
  if (element === undefined || first === undefined) return undefined;
  const own: Found = { token: { ...first, end: element.at(-1)?.end ?? first.end }, depth: search.depth + 1 };
  if (search.depth + 1 === search.path.length) return own;
  return findIn({ ...search, value: element, depth: search.depth + 1 }) ?? own;
}

/** What `const name = …` gives a name: the declaration nearest above the place, or else the first one. */
function constantValue(text: string, name: string, above: number): Value | undefined {
  let found: Value | undefined;
  const pattern = new RegExp(`\\b(?:const|let|var)\\s+${name.replaceAll("$", "\\$")}\\b`, "g");
  for (const match of text.matchAll(pattern)) {
    if (found !== undefined && match.index > above) break;
    found = initializer(text, match.index + match[0].length) ?? found;
  }
  return found;
}

/** The tokens after `=` up to the end of the first value that is an object or a list. */
function initializer(text: string, from: number): Value | undefined {
  const tokens: Token[] = [];
  let depth = 0;
  let assigned = false;
  for (const token of scanSource(text, from)) {
    if (!assigned) {
      depth += depthChange(token);
      if (depth === 0 && isMark(token, "=")) assigned = true;
      else if (depth === 0 && isMark(token, ";")) return undefined;
      continue;
    }
    tokens.push(token);
    depth += depthChange(token);
    if (depth <= 0) return isMark(token, "}") || isMark(token, "]") || isMark(token, ")") ? tokens : undefined;
  }
  return undefined;
}

/** What stands between the bracket a value begins with and its partner. */
function inside(value: Value): Value {
  let depth = 0;
  for (const [index, token] of value.entries()) {
    depth += depthChange(token);
    if (depth === 0) return value.slice(1, index);
  }
  return value.slice(1);
}

/** Object literals in an expression that are not inside another bracket. */
function objectsIn(value: Value): Value[] {
  const objects: Value[] = [];
  let depth = 0;
  for (const [index, token] of value.entries()) {
    if (depth === 0 && isMark(token, "{") && !(value[index - 1]?.value === "=>")) objects.push(value.slice(index));
    depth += depthChange(token);
  }
  return objects;
}

function isMark(token: Token, mark: string): boolean {
  return token.kind === "mark" && token.value === mark;
}

function offsetOf(text: string, line: number, column: number): number | undefined {
  let offset = 0;
  for (let current = 1; current < line; current++) {
    const next = text.indexOf("\n", offset);
    if (next < 0) return undefined;
    offset = next + 1;
  }
  return offset + column - 1;
}

function positionOf(text: string, offset: number): SourcePosition {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}
