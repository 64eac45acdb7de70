// JSON as a tree with offsets (RFC 8259). Numbers keep their text, objects their order and repeated names.

/** A value of a JSON text. */
export type JsonValue =
  | JsonObject
  | { readonly kind: "array"; readonly start: number; readonly end: number; readonly items: readonly JsonValue[] }
  | JsonString
  | { readonly kind: "number"; readonly start: number; readonly end: number; readonly text: string }
  | { readonly kind: "bool"; readonly start: number; readonly end: number; readonly value: boolean }
  | { readonly kind: "null"; readonly start: number; readonly end: number };

export interface JsonObject {
  readonly kind: "object";
  readonly start: number;
  readonly end: number;
  readonly properties: readonly { readonly name: JsonString; readonly value: JsonValue }[];
}

export interface JsonString {
  readonly kind: "string";
  readonly start: number;
  readonly end: number;
  readonly value: string;
  /** Pairs of offsets, in `value` and in the text, from which on they differ by the same; the first is behind the quotation mark. */
  readonly steps: readonly { readonly value: number; readonly text: number }[];
}

/** What is wrong in a JSON text. */
export interface JsonProblem {
  readonly summary: string;
  readonly detail: string;
  readonly hint?: string | undefined;
  readonly start: number;
  readonly end: number;
  readonly isTooDeep?: boolean | undefined;
}

/** Reads a JSON text. After a comma too many it goes on; other errors end the reading, and then there is no value. */
export function parseJsonValue(
  text: string,
  maxNesting: number,
): { readonly value: JsonValue | undefined; readonly problems: readonly JsonProblem[] } {
  const reader = new Reader(text, maxNesting);
  try {
    return { value: reader.document(), problems: reader.problems };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { value: undefined, problems: [...reader.problems, error.problem] };
  }
}

/** The offset in the file of a character of a string's value. */
export function offsetInString(string: JsonString, offset: number): number {
  let low = 0;
  let high = string.steps.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((string.steps[middle]?.value ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const step = string.steps[low] ?? { value: 0, text: string.start };
  return Math.min(step.text + offset - step.value, string.end);
}

// --- internal ---

/** Ends the reading from any depth. */
class Stop {
  readonly problem: JsonProblem;

  constructor(problem: JsonProblem) {
    this.problem = problem;
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

class Reader {
  readonly problems: JsonProblem[] = [];
  readonly #text: string;
  readonly #maxNesting: number;
  #at = 0;
  #depth = 0;

  constructor(text: string, maxNesting: number) {
    this.#text = text;
    this.#maxNesting = maxNesting;
  }

  document(): JsonValue {
    this.#blanks();
    if (this.#at >= this.#text.length) this.#stop("Empty JSON document", "The file holds nothing. At least an object is needed: {}.");
    const value = this.#value();
    this.#blanks();
    if (this.#at < this.#text.length)
      this.#stop("Extra characters after JSON", `The document is complete, but here follows ${this.#found()}.`);
    return value;
  }

  #value(): JsonValue {
    const start = this.#at;
    const character = this.#text[start];
    if (character === "{" || character === "[") {
      this.#depth++;
      if (this.#depth > this.#maxNesting) {
        throw new Stop({
          summary: "Too deeply nested",
          detail: `Objects and lists may stand in each other ${this.#maxNesting} levels deep. This goes further.`,
          start,
          end: start + 1,
          isTooDeep: true,
        });
      }
      const value = character === "{" ? this.#object() : this.#array();
      this.#depth--;
      return value;
    }
    if (character === '"') return this.#string();
    const word = /[-+.\w]+/y;
    word.lastIndex = start;
    const written = word.exec(this.#text)?.[0];
    if (written === undefined)
      return this.#stop("Invalid JSON value", `A value should stand here, but there is ${this.#found()}.`, this.#valueHint());
    const end = start + written.length;
    if (written === "true" || written === "false") {
      this.#at = end;
      return { kind: "bool", start, end, value: written === "true" };
    }
    if (written === "null") {
      this.#at = end;
      return { kind: "null", start, end };
    }
    if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(written)) {
      const isNumber = /^[-+.\d]/.test(written);
      this.#stop(
        isNumber ? "Invalid JSON number" : "Invalid JSON keyword",
        isNumber ? `"${shorten(written)}" is no number in JSON.` : `"${shorten(written)}" is no value in JSON.`,
        isNumber
          ? "There is no sign + and no leading zero, and digits stand on both sides of the point."
          : `Text stands in quotes: "${shorten(written)}".`,
        end,
      );
    }
    this.#at = end;
    return { kind: "number", start, end, text: written };
  }

  #object(): JsonObject {
    const start = this.#at++;
    const properties: { name: JsonString; value: JsonValue }[] = [];
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] === "}") break;
      if (this.#text[this.#at] !== '"') {
        this.#stop(
          "Invalid JSON object",
          `A property begins with its name in double quotes, but here is ${this.#found()}.`,
          this.#text[this.#at] === undefined ? "A closing brace is missing." : this.#valueHint(),
        );
      }
      const name = this.#string();
      this.#blanks();
      if (this.#text[this.#at] !== ":") {
        const hint = this.#text[this.#at] === "=" ? "JSON writes a colon where HCL has an equals sign." : undefined;
        this.#stop("Missing property value", `After a name stands a colon and the value, but there is ${this.#found()}.`, hint);
      }
      this.#at++;
      this.#blanks();
      properties.push({ name, value: this.#value() });
      if (!this.#comma("}", "Properties of an object")) break;
    }
    this.#at++;
    return { kind: "object", start, end: this.#at, properties };
  }

  #array(): JsonValue {
    const start = this.#at++;
    const items: JsonValue[] = [];
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] === "]") break;
      items.push(this.#value());
      if (!this.#comma("]", "Items of a list")) break;
    }
    this.#at++;
    return { kind: "array", start, end: this.#at, items };
  }

  /** Goes past a comma; false at the closing bracket. */
  #comma(close: "}" | "]", what: string): boolean {
    this.#blanks();
    const character = this.#text[this.#at];
    if (character === close) return false;
    if (character !== ",") {
      const hint = character === undefined ? `A closing "${close}" is missing.` : "A comma may be missing in front of it.";
      this.#stop("Missing comma", `${what} are separated by commas, but here is ${this.#found()}.`, hint);
    }
    const comma = this.#at++;
    this.#blanks();
    if (this.#text[this.#at] === close) {
      const detail = "JSON allows no comma behind the last one.";
      this.problems.push({ summary: "Trailing comma", detail, hint: "Delete it.", start: comma, end: comma + 1 });
    }
    return true;
  }

  #string(): JsonString {
    const start = this.#at;
    const text = this.#text;
    const steps = [{ value: 0, text: start + 1 }];
    const pieces: string[] = [];
    let length = 0;
    let from = start + 1;
    const add = (piece: string): void => {
      pieces.push(piece);
      length += piece.length;
    };
    for (let at = from; ; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        add(text.slice(from, at));
        this.#at = at + 1;
        return { kind: "string", start, end: at + 1, value: pieces.join(""), steps };
      }
      if (Number.isNaN(code) || code < 0x20) {
        this.#at = at;
        if (Number.isNaN(code)) {
          throw new Stop({ summary: "Unterminated JSON string", detail: "This string is never closed.", start, end: start + 1 });
        }
        this.#stop(
          "Invalid JSON string",
          code === 0x0a || code === 0x0d
            ? "A string ends on the line where it begins."
            : `The string holds the control character ${name(code)}.`,
          code === 0x0a || code === 0x0d ? "Close it with a quotation mark, or write \\n for a line end." : `Write it as \\u${hex(code)}.`,
        );
      }
      if (code !== 0x5c) continue;
      add(text.slice(from, at));
      const escaped = this.#escape(at);
      add(escaped.value);
      from = at + escaped.length;
      at = from - 1;
      steps.push({ value: length, text: from });
    }
  }

  #escape(at: number): { readonly value: string; readonly length: number } {
    const letter = this.#text[at + 1] ?? "";
    const simple = simpleEscapes[letter];
    if (simple !== undefined) return { value: simple, length: 2 };
    const digits = /^[\da-fA-F]{4}$/.exec(this.#text.slice(at + 2, at + 6))?.[0];
    if (letter === "u" && digits !== undefined) return { value: String.fromCharCode(Number.parseInt(digits, 16)), length: 6 };
    this.#at = at;
    const detail = letter === "u" ? "After \\u stand exactly four hexadecimal digits." : `"\\${letter}" is no escape in JSON.`;
    return this.#stop("Invalid escape sequence", detail, letter === "u" ? undefined : "For a backslash write two.", at + 2);
  }

  #blanks(): void {
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  #valueHint(): string | undefined {
    switch (this.#text[this.#at]) {
      case "'":
        return 'JSON has only double quotes: "…".';
      case "#":
      case "/":
        return 'JSON has no comments. In templates a property named "//" serves as one.';
      default:
        return undefined;
    }
  }

  #found(): string {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return "the end of the text";
    const character = String.fromCodePoint(code);
    return /[\p{C}\p{Z}]/u.test(character) ? name(code) : `"${character}"`;
  }

  #stop(summary: string, detail: string, hint?: string, end?: number): never {
    const start = this.#at;
    throw new Stop({ summary, detail, hint, start, end: end ?? Math.min(start + 1, this.#text.length) });
  }
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function name(code: number): string {
  return `U+${hex(code)}`;
}

function hex(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, "0");
}
