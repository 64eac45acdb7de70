// A parser of JSON (RFC 8259) that knows where everything stands. Small mistakes (a comma too many or missing, a comment) are
// reported and stepped over, so that one run shows all of them; with anything else parsing ends.
import type { Diagnostic, SourceRange } from "@tspack/core";
import type { SourceText } from "../../hcl/syntax/source-text.ts";
import { type JsonNode, type JsonProperty, rangeOf } from "./tree.ts";

/** What came of parsing. With a syntax error that could not be stepped over there is no tree. */
export interface ParsedJson {
  readonly root: JsonNode | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Objects and lists inside each other; deeper text is refused, so that it cannot exhaust the stack. */
const MOST_NESTED = 200;

/** More problems than this are not looked for. */
const MOST_PROBLEMS = 20;

/**
 * Parses JSON. A name that an object has twice is an error, with both places, unless `duplicates` is `"last"`: then the last one
 * counts, as in Packer's variable files. Takes time in proportion to the text.
 */
export function parseJsonTree(source: SourceText, options: { readonly duplicates?: "refuse" | "last" } = {}): ParsedJson {
  const parser = new Parser(source, options.duplicates ?? "refuse");
  return { root: parser.parse(), diagnostics: parser.diagnostics };
}

// --- internal ---

/** Ends parsing; its diagnostic is recorded already. */
class Stop extends Error {}

const literal = /[A-Za-z_$][\w$]*/y;
const numberText = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const space = /[ \t\r\n]*/y;
const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|#[^\n]*/y;
// Everything up to the closing quote, an escape or what may not stand in a text.
const plainText = /[^"\\\p{Cc}]+/uy;

class Parser {
  readonly diagnostics: Diagnostic[] = [];
  readonly #source: SourceText;
  readonly #text: string;
  readonly #duplicates: "refuse" | "last";
  #at = 0;
  #depth = 0;
  #toldOfComments = false;

  constructor(source: SourceText, duplicates: "refuse" | "last") {
    this.#source = source;
    this.#text = source.text;
    this.#duplicates = duplicates;
  }

  parse(): JsonNode | undefined {
    try {
      this.#skip();
      if (this.#at >= this.#text.length) this.#fail(this.#at, "The file is empty.", 'A template is an object: { "builders": [ … ] }');
      const root = this.#value();
      this.#skip();
      if (this.#at < this.#text.length) this.#fail(this.#at, `There is ${this.#seen(this.#at)} behind the end of the value.`);
      return root;
    } catch (error) {
      if (error instanceof Stop) return undefined;
      throw error;
    }
  }

  #value(): JsonNode {
    const start = this.#at;
    const first = this.#text[start];
    switch (first) {
      case "{":
        return this.#nested(() => this.#object(start));
      case "[":
        return this.#nested(() => this.#array(start));
      case '"':
        return { kind: "string", value: this.#string(), source: this.#source, start, end: this.#at };
      default:
        return this.#scalar(start);
    }
  }

  #scalar(start: number): JsonNode {
    const word = this.#match(literal) ?? "";
    const place = { source: this.#source, start, end: this.#at };
    if (word === "true" || word === "false") return { kind: "boolean", value: word === "true", ...place };
    if (word === "null") return { kind: "null", ...place };
    if (word !== "")
      this.#fail(start, `${JSON.stringify(word)} is no value of JSON.`, `Text stands in double quotes: ${JSON.stringify(word)}`);
    const text = this.#match(numberText);
    if (text === undefined) this.#fail(start, `A value is expected here, not ${this.#seen(start)}.`);
    if (/[\w.]/.test(this.#text[this.#at] ?? "")) this.#fail(start, "This is not a number as JSON writes them.");
    return { kind: "number", text, source: this.#source, start, end: this.#at };
  }

  #object(start: number): JsonNode {
    const properties = new Map<string, JsonProperty>();
    this.#sequence("}", "the object", start, () => {
      const nameStart = this.#at;
      if (this.#text[nameStart] !== '"') this.#fail(nameStart, `A name in double quotes is expected here, not ${this.#seen(nameStart)}.`);
      const name = this.#string();
      const nameEnd = this.#at;
      this.#skip();
      if (this.#text[this.#at] !== ":")
        this.#fail(this.#at, `A colon is expected behind the name ${JSON.stringify(name)}, not ${this.#seen(this.#at)}.`);
      this.#at++;
      this.#skip();
      const property: JsonProperty = { name, value: this.#value(), source: this.#source, start: nameStart, end: nameEnd };
      const first = properties.get(name);
      if (first !== undefined && this.#duplicates === "refuse") this.#duplicate(first, property);
      else properties.set(name, property);
    });
    return { kind: "object", properties: [...properties.values()], source: this.#source, start, end: this.#at };
  }

  #array(start: number): JsonNode {
    const items: JsonNode[] = [];
    this.#sequence("]", "the list", start, () => items.push(this.#value()));
    return { kind: "array", items, source: this.#source, start, end: this.#at };
  }

  /** Members with commas between them, up to the closing bracket. */
  #sequence(close: "}" | "]", what: string, start: number, member: () => void): void {
    this.#at++;
    for (;;) {
      this.#skip();
      if (this.#at >= this.#text.length) this.#unclosed(what, close, start);
      if (this.#text[this.#at] === close) break;
      member();
      const end = this.#at;
      this.#skip();
      const next = this.#text[this.#at];
      if (next === close) break;
      if (next === ",") {
        const comma = this.#at++;
        this.#skip();
        if (this.#text[this.#at] === close)
          this.#report(comma, comma + 1, `There is a comma behind the last member of ${what}.`, "Remove the comma.");
        continue;
      }
      if (next === undefined) this.#unclosed(what, close, start);
      if (next === '"' || next === "{" || next === "[") this.#report(end, end + 1, `A comma is missing in ${what}.`, "Put a comma here.");
      else this.#fail(this.#at, `A comma or "${close}" is expected here, not ${this.#seen(this.#at)}.`);
    }
    this.#at++;
  }

  #string(): string {
    const start = this.#at++;
    let value = "";
    for (;;) {
      value += this.#match(plainText) ?? "";
      const character = this.#text[this.#at];
      if (character === '"') break;
      if (character === "\\") value += this.#escape();
      else if (character === undefined || character === "\n")
        this.#fail(start, "The text is not closed: its second double quote is missing.", undefined, this.#at);
      else if (character >= " ") {
        value += character;
        this.#at++;
      } else this.#fail(this.#at, "A control character may not stand in a text.", `Write it as ${escapeOf(character)}.`);
    }
    this.#at++;
    return value;
  }

  #escape(): string {
    const start = this.#at;
    const letter = this.#text[start + 1] ?? "";
    const simple = simpleEscapes[letter];
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    const digits = letter === "u" ? this.#text.slice(start + 2, start + 6) : "";
    if (!/^[\da-fA-F]{4}$/.test(digits)) {
      this.#fail(start, `\\${letter} is no escape of JSON.`, "A backslash itself is written twice: \\\\", start + 2);
    }
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #nested<T>(parse: () => T): T {
    if (++this.#depth > MOST_NESTED) {
      this.#stop({
        severity: "error",
        code: "TPK2003",
        summary: "Nested too deeply",
        detail: `Objects and lists stand more than ${MOST_NESTED} levels inside each other.`,
        subject: this.#range(this.#at, this.#at + 1),
      });
    }
    const result = parse();
    this.#depth--;
    return result;
  }

  /** White space, and comments, which JSON does not have. */
  #skip(): void {
    for (;;) {
      this.#match(space);
      const start = this.#at;
      if (this.#match(comment) === undefined) return;
      if (this.#toldOfComments) continue;
      this.#toldOfComments = true;
      this.#report(
        start,
        this.#at,
        "JSON has no comments.",
        'At the top of a template a name with an underscore can hold one: "_comment": "…"',
      );
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found === "" ? undefined : found;
  }

  #duplicate(first: JsonProperty, second: JsonProperty): void {
    this.#add({
      severity: "error",
      code: "TPK2202",
      summary: "Duplicate name",
      detail: `The object has the name ${JSON.stringify(second.name)} twice.`,
      hint: "Remove one of them, or put both values into one.",
      subject: rangeOf(second),
      related: [{ at: rangeOf(first), message: "It stands here first." }],
    });
  }

  #unclosed(what: string, close: string, start: number): never {
    this.#fail(this.#at, `The file ends inside ${what} that begins in line ${this.#source.position(start).line}: "${close}" is missing.`);
  }

  #fail(start: number, problem: string, hint?: string, end = start + 1): never {
    this.#stop(this.#syntaxError(start, end, problem, hint));
  }

  #report(start: number, end: number, problem: string, hint?: string): void {
    this.#add(this.#syntaxError(start, end, problem, hint));
  }

  #syntaxError(start: number, end: number, problem: string, hint: string | undefined): Diagnostic {
    const { line, column, byte } = this.#source.position(start);
    const detail = `${problem} (line ${line}, column ${column}, offset ${byte})`;
    return { severity: "error", code: "TPK2001", summary: "Invalid JSON", detail, hint, subject: this.#range(start, end) };
  }

  #add(diagnostic: Diagnostic): void {
    if (this.diagnostics.length + 1 >= MOST_PROBLEMS) this.#stop(diagnostic);
    this.diagnostics.push(diagnostic);
  }

  #stop(diagnostic: Diagnostic): never {
    this.diagnostics.push(diagnostic);
    throw new Stop();
  }

  #range(start: number, end: number): SourceRange {
    return this.#source.range(start, Math.max(start, Math.min(end, this.#text.length)));
  }

  /** What stands at an offset, for messages. */
  #seen(at: number): string {
    const point = this.#text.codePointAt(at);
    if (point === undefined) return "the end of the file";
    const character = String.fromCodePoint(point);
    return /[\p{L}\p{N}\p{P}\p{S}]/u.test(character)
      ? JSON.stringify(character)
      : `the character U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  }
}

const simpleEscapes: { readonly [letter: string]: string | undefined } = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

function escapeOf(character: string): string {
  return JSON.stringify(character).slice(1, -1);
}
