// Splits TypeScript into tokens, just well enough to find a key in an object literal: texts, templates, regular expressions and
// comments are stepped over, brackets are seen. Nothing is checked; unfinished text ends the last token.

/** One token. `end` is exclusive. */
export interface Token {
  readonly kind: "name" | "text" | "template" | "number" | "regex" | "mark";
  /** The text itself; of a quoted text, what stands between the quotes. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Words after which a slash begins a regular expression, although they look like names. */
const wordsBeforeValues = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "do",
  "else",
  "void",
  "delete",
  "throw",
  "new",
  "await",
  "yield",
]);

const name = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy;
const number = /(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*\.?[\d_]*(?:[eE][+-]?\d+)?|\.\d[\d_]*)n?/y;
const blank = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))+/y;
const marks = /=>|\?\.(?!\d)|\.\.\.|[^\s]/y;

/** The tokens of a text from an offset on, made as they are asked for. */
export function* scanSource(text: string, from = 0): Generator<Token, void, undefined> {
  let offset = from;
  let before: Token | undefined;
  while (offset < text.length) {
    offset = match(blank, text, offset) ?? offset;
    if (offset >= text.length) return;
    const token = readToken(text, offset, before);
    yield token;
    before = token;
    offset = token.end;
  }
}

function readToken(text: string, start: number, before: Token | undefined): Token {
  const character = text[start];
  if (character === '"' || character === "'") {
    const end = endOfText(text, start);
    return { kind: "text", value: text.slice(start + 1, end - 1), start, end };
  }
  if (character === "`") return token("template", text, start, endOfTemplate(text, start));
  if (character === "/" && !endsValue(before)) {
    const end = endOfRegex(text, start);
    if (end !== undefined) return token("regex", text, start, end);
  }
  const afterName = match(name, text, start);
  if (afterName !== undefined) return token("name", text, start, afterName);
  const afterNumber = match(number, text, start);
  if (afterNumber !== undefined) return token("number", text, start, afterNumber);
  return token("mark", text, start, match(marks, text, start) ?? start + 1);
}

function token(kind: Token["kind"], text: string, start: number, end: number): Token {
  return { kind, value: text.slice(start, end), start, end };
}

/** Where a sticky pattern's match at an offset ends. */
function match(pattern: RegExp, text: string, offset: number): number | undefined {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** True if a slash after this token divides. */
function endsValue(before: Token | undefined): boolean {
  if (before === undefined) return false;
  if (before.kind === "name") return !wordsBeforeValues.has(before.value);
  if (before.kind === "mark") return before.value === ")" || before.value === "]" || before.value === "}";
  return true;
}

function endOfText(text: string, start: number): number {
  const quote = text[start];
  for (let offset = start + 1; offset < text.length; offset++) {
    if (text[offset] === "\\") offset++;
    else if (text[offset] === quote || text[offset] === "\n") return offset + 1;
  }
  return text.length;
}

function endOfTemplate(text: string, start: number): number {
  for (let offset = start + 1; offset < text.length; offset++) {
    if (text[offset] === "\\") offset++;
    else if (text[offset] === "`") return offset + 1;
    else if (text.startsWith("${", offset)) offset = endOfBraces(text, offset + 2) - 1;
  }
  return text.length;
}

/** The offset after the brace that closes the one just before `from`. */
function endOfBraces(text: string, from: number): number {
  let depth = 1;
  for (const { kind, value, end } of scanSource(text, from)) {
    if (kind !== "mark") continue;
    if (value === "{") depth++;
    else if (value === "}" && --depth === 0) return end;
  }
  return text.length;
}

function endOfRegex(text: string, start: number): number | undefined {
  let inClass = false;
  for (let offset = start + 1; offset < text.length && text[offset] !== "\n"; offset++) {
    const character = text[offset];
    if (character === "\\") offset++;
    else if (character === "[") inClass = true;
    else if (character === "]") inClass = false;
    else if (character === "/" && !inClass) return match(/[a-z]*/y, text, offset + 1) ?? offset + 1;
  }
  return undefined;
}
