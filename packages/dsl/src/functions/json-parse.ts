// JSON text as a value, with all digits of its numbers (RFC 8259, as Go's encoding/json reads it).
import { NumberError, parseNumber } from "../hcl/eval/number.ts";
import { boolValue, nullValue, numberValue, objectValue, stringValue, tupleValue, type Value } from "../hcl/eval/value.ts";
import { FunctionError } from "./function.ts";

/** Reads JSON: arrays are tuples, objects are objects; of two equal keys the last one counts. Throws `FunctionError` with the place. */
export function parseJsonValue(text: string): Value {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

// --- internal ---

/** Deeper than any data, and shallower than the stack. */
const MOST_LEVELS = 500;

class Parser {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(level: number): Value {
    if (level > MOST_LEVELS) throw new FunctionError(`the JSON is nested deeper than ${MOST_LEVELS} levels`, 0);
    this.#skipSpace();
    switch (this.#text[this.#position]) {
      case "{":
        return this.#object(level);
      case "[":
        return this.#array(level);
      case '"':
        return stringValue(this.#string());
      default:
        return this.#word();
    }
  }

  end(): void {
    this.#skipSpace();
    if (this.#position < this.#text.length) throw this.#unexpected("behind the value");
  }

  #object(level: number): Value {
    const entries = new Map<string, Value>();
    this.#position += 1;
    this.#skipSpace();
    if (this.#take("}")) return objectValue(entries);
    do {
      this.#skipSpace();
      if (this.#text[this.#position] !== '"') throw this.#unexpected("where a key in quotes is expected");
      const key = this.#string().normalize("NFC");
      this.#skipSpace();
      if (!this.#take(":")) throw this.#unexpected("where a colon is expected");
      entries.set(key, this.value(level + 1));
      this.#skipSpace();
    } while (this.#take(","));
    if (!this.#take("}")) throw this.#unexpected("where a comma or } is expected");
    return objectValue(entries);
  }

  #array(level: number): Value {
    const elements: Value[] = [];
    this.#position += 1;
    this.#skipSpace();
    if (this.#take("]")) return tupleValue(elements);
    do {
      elements.push(this.value(level + 1));
      this.#skipSpace();
    } while (this.#take(","));
    if (!this.#take("]")) throw this.#unexpected("where a comma or ] is expected");
    return tupleValue(elements);
  }

  #string(): string {
    const pattern = /"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*)*"/y;
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw this.#unexpected("at the start of text that has no end, or a wrong escape in it");
    this.#position += found.length;
    // UTF-8 has no half characters: Go replaces them, as a buffer does.
    return Buffer.from(String(JSON.parse(found))).toString();
  }

  #word(): Value {
    const found = this.#match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y);
    if (found === undefined) throw this.#unexpected("where a value is expected");
    if (found === "null") return nullValue();
    if (found === "true" || found === "false") return boolValue(found === "true");
    try {
      return numberValue(parseNumber(found) ?? 0);
    } catch (error) {
      if (error instanceof NumberError) throw new FunctionError(`${error.message}: ${found.slice(0, 40)}`, 0);
      throw error;
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    this.#position += found?.length ?? 0;
    return found;
  }

  #take(character: string): boolean {
    if (this.#text[this.#position] !== character) return false;
    this.#position += 1;
    return true;
  }

  #skipSpace(): void {
    this.#match(/[ \t\r\n]*/y);
  }

  #unexpected(where: string): FunctionError {
    const before = this.#text.slice(0, this.#position);
    const line = before.split("\n").length;
    const column = before.length - before.lastIndexOf("\n");
    const character = this.#text.codePointAt(this.#position);
    const what = character === undefined ? "the text ends" : `${JSON.stringify(String.fromCodePoint(character))} stands`;
    return new FunctionError(`the text is not valid JSON: on line ${line}, column ${column}, ${what} ${where}`, 0);
  }
}
