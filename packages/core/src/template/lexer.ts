// Splits a template string into tokens: text between actions, and the words inside them.
// Go's text/template documentation, "Actions" and "Text and spaces", says what they look like.
import { templateError } from "./position.ts";
import { unquoteCharacter, unquoteString } from "./unquote.ts";

export type Token =
  | { readonly kind: "text"; readonly text: string; readonly at: number }
  | {
      /** `open` and `close` are the delimiters of an action; `symbol` is one of `( ) | , := =`. */
      readonly kind: "open" | "close" | "end" | "symbol" | "dot" | "field" | "variable" | "word";
      readonly text: string;
      readonly at: number;
      readonly spaceBefore: boolean;
    }
  | { readonly kind: "string"; readonly text: string; readonly value: string; readonly at: number; readonly spaceBefore: boolean }
  | { readonly kind: "number"; readonly text: string; readonly value: bigint | number; readonly at: number; readonly spaceBefore: boolean };

const SPACE = " \t\r\n";
const letterOrDigit = /[\p{L}\p{Nd}_]/u;
const name = /[\p{L}\p{Nd}_]+/uy;
const numberText =
  /[+-]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]+)?|0[bB][01_]+|0[oO][0-7_]+|\d?[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]+)?)/y;
const stringText = /"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"/y;
const rawText = /`[^`]*`/y;
const characterText = /'[^'\\\n]*(?:\\[^\n][^'\\\n]*)*'/y;

/** All tokens of the text, ending with one of kind `end`. Throws `TemplateError`. Takes time in proportion to the text. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  let trimNext = false;
  for (;;) {
    const open = text.indexOf("{{", position);
    const trimmed = open !== -1 && text[open + 2] === "-" && isSpace(text[open + 3]);
    pushText(tokens, text, position, open === -1 ? text.length : open, trimNext, trimmed);
    if (open === -1) break;
    const start = open + 2 + (trimmed ? 2 : 0);
    const end = text.startsWith("/*", start) ? skipComment(text, start, open) : readAction(tokens, text, start, open);
    trimNext = end.trims;
    position = end.position;
  }
  tokens.push({ kind: "end", text: "end of the text", at: text.length, spaceBefore: false });
  return tokens;
}

// --- internal ---

interface End {
  /** Behind the closing delimiter. */
  readonly position: number;
  readonly trims: boolean;
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && character !== "" && SPACE.includes(character);
}

function pushText(tokens: Token[], text: string, from: number, to: number, trimStart: boolean, trimEnd: boolean): void {
  let start = from;
  let end = to;
  if (trimStart) while (start < end && isSpace(text[start])) start++;
  if (trimEnd) while (end > start && isSpace(text[end - 1])) end--;
  if (end > start) tokens.push({ kind: "text", text: text.slice(start, end), at: start });
}

function skipComment(text: string, start: number, open: number): End {
  const close = text.indexOf("*/", start + 2);
  if (close === -1) throw templateError(text, open, "the comment is not closed");
  const end = closingAt(text, close + 2);
  if (end === undefined) throw templateError(text, close, "the comment ends before the closing }}");
  return end;
}

/** The closing delimiter at this place, with its trim marker if it has one. */
function closingAt(text: string, position: number): End | undefined {
  if (text.startsWith("}}", position)) return { position: position + 2, trims: false };
  if (isSpace(text[position]) && text.startsWith("-}}", position + 1)) return { position: position + 4, trims: true };
  return undefined;
}

function readAction(tokens: Token[], text: string, start: number, open: number): End {
  tokens.push({ kind: "open", text: "{{", at: open, spaceBefore: false });
  let position = start;
  let spaceBefore = false;
  for (;;) {
    const end = closingAt(text, position);
    if (end !== undefined) {
      tokens.push({ kind: "close", text: "}}", at: position, spaceBefore });
      return end;
    }
    if (position >= text.length) throw templateError(text, open, "the action is not closed: }} is missing");
    if (isSpace(text[position])) {
      spaceBefore = true;
      position++;
      continue;
    }
    const token = readToken(text, position, spaceBefore);
    tokens.push(token);
    position += token.text.length;
    spaceBefore = false;
  }
}

function readToken(text: string, at: number, spaceBefore: boolean): Token {
  const first = text[at] as string;
  switch (first) {
    case "(":
    case ")":
    case "|":
    case ",":
    case "=":
      return { kind: "symbol", text: first, at, spaceBefore };
    case ":":
      if (text[at + 1] !== "=") throw templateError(text, at, "expected := here");
      return { kind: "symbol", text: ":=", at, spaceBefore };
    case '"': {
      const literal = match(stringText, text, at) ?? fail(text, at, "the quoted text is not closed");
      const value = unquoteString(literal) ?? fail(text, at, "the quoted text has an escape that is not known");
      return { kind: "string", text: literal, value, at, spaceBefore };
    }
    case "`": {
      const literal = match(rawText, text, at) ?? fail(text, at, "the raw quoted text is not closed");
      // Go drops carriage returns from raw text.
      return { kind: "string", text: literal, value: literal.slice(1, -1).replaceAll("\r", ""), at, spaceBefore };
    }
    case "'": {
      const literal = match(characterText, text, at) ?? fail(text, at, "the character constant is not closed");
      const value =
        unquoteCharacter(literal) ??
        fail(text, at, "a character constant holds exactly one character", "Quote text with double quotes or backquotes.");
      return { kind: "number", text: literal, value, at, spaceBefore };
    }
    case ".":
      if (/\d/.test(text[at + 1] ?? "")) return readNumber(text, at, spaceBefore);
      return readName(text, at, 1, spaceBefore, "field", "dot");
    case "$":
      return readName(text, at, 1, spaceBefore, "variable", "variable");
    default:
      if (/[+\-0-9]/.test(first)) return readNumber(text, at, spaceBefore);
      return readName(text, at, 0, spaceBefore, "word", undefined);
  }
}

function readName(
  text: string,
  at: number,
  prefix: number,
  spaceBefore: boolean,
  kind: "field" | "variable" | "word",
  bare: "dot" | "variable" | undefined,
): Token {
  const word = match(name, text, at + prefix) ?? "";
  const token = text.slice(at, at + prefix) + word;
  const next = String.fromCodePoint(text.codePointAt(at + token.length) ?? 0x20);
  if (token === "" || !(isSpace(next) || ".,|:()".includes(next) || text.startsWith("}}", at + token.length))) {
    const place = token === "" ? at : at + token.length;
    throw templateError(text, place, `unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(place) ?? 0x20))}`);
  }
  if (word !== "") return { kind, text: token, at, spaceBefore };
  return { kind: bare ?? kind, text: token, at, spaceBefore };
}

function readNumber(text: string, at: number, spaceBefore: boolean): Token {
  const literal = match(numberText, text, at) ?? "";
  const next = String.fromCodePoint(text.codePointAt(at + literal.length) ?? 0x20);
  const value = letterOrDigit.test(next) ? undefined : numberValue(literal);
  if (value === undefined) throw templateError(text, at, "this is not a number");
  return { kind: "number", text: literal, value, at, spaceBefore };
}

/** The value of a Go number literal: a bigint for an int, a number for a float64. */
function numberValue(literal: string): bigint | number | undefined {
  const negative = literal.startsWith("-");
  const digits = literal.replace(/^[+-]/, "");
  // An underscore stands between digits or behind a prefix.
  if (/__|_$|^_|_[.eEpPxXoObB]|[.eEpP]_/.test(digits)) return undefined;
  const plain = digits.replaceAll("_", "");
  if (/^0[xX][\da-fA-F]+$|^0[bB][01]+$|^0[oO][0-7]+$/.test(plain)) return inRange(BigInt(plain), negative);
  if (/^0[0-7]+$/.test(plain)) return inRange(BigInt(`0o${plain.slice(1)}`), negative);
  if (/^(?:0|[1-9]\d*)$/.test(plain)) return inRange(BigInt(plain), negative);
  const hex = /^0[xX]([\da-fA-F]*)\.?([\da-fA-F]*)[pP]([+-]?\d+)$/.exec(plain);
  if (hex !== null) return hexFloat(hex[1] ?? "", hex[2] ?? "", Number(hex[3]), negative);
  if (/^(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?$/.test(plain) && /[.eE]/.test(plain)) {
    const value = Number(plain);
    return Number.isFinite(value) ? (negative ? -value : value) : undefined;
  }
  return undefined;
}

function hexFloat(whole: string, fraction: string, exponent: number, negative: boolean): number | undefined {
  if (whole + fraction === "") return undefined;
  const value = Number.parseInt(whole + fraction, 16) * 2 ** (exponent - 4 * fraction.length);
  return Number.isFinite(value) ? (negative ? -value : value) : undefined;
}

function inRange(value: bigint, negative: boolean): bigint | undefined {
  const signed = negative ? -value : value;
  return signed === BigInt.asIntN(64, signed) ? signed : undefined;
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function fail(text: string, at: number, message: string, hint?: string): never {
  throw templateError(text, at, message, hint);
}
