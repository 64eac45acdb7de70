// JSON with exact numbers: `JSON.parse` would round them to doubles.
import { checkDepth, malformed, ValueCount } from "../malformed.ts";

/** A number as it is written. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What JSON says; objects are `Map`s, so that no key has a meaning of its own. Of keys that repeat the last counts. */
export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | ReadonlyMap<string, JsonValue>;

/** True for an object. */
export function isJsonObject(value: JsonValue | undefined): value is ReadonlyMap<string, JsonValue> {
  return value instanceof Map;
}

/** Reads JSON. Throws a PluginError (TPK4002) where it is none or nests too deeply; the message holds nothing of the text. */
export function parseJson(text: string): JsonValue {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

/** A text in quotes, escaped as Go does it: safe to embed in HTML too. */
export function quoteJson(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

// --- internal ---

class JsonReader {
  readonly #text: string;
  readonly #count = new ValueCount("JSON");
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#problem();
  }

  value(depth: number): JsonValue {
    checkDepth(depth, "JSON");
    this.#count.add();
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth + 1);
      case "[":
        return this.#array(depth + 1);
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  #object(depth: number): ReadonlyMap<string, JsonValue> {
    const entries = new Map<string, JsonValue>();
    this.#at++;
    if (this.#takes("}")) return entries;
    do {
      this.#skipSpace();
      const key = this.#string();
      if (!this.#takes(":")) throw this.#problem();
      entries.set(key, this.value(depth));
    } while (this.#takes(","));
    if (!this.#takes("}")) throw this.#problem();
    return entries;
  }

  #array(depth: number): readonly JsonValue[] {
    const elements: JsonValue[] = [];
    this.#at++;
    if (this.#takes("]")) return elements;
    do elements.push(this.value(depth));
    while (this.#takes(","));
    if (!this.#takes("]")) throw this.#problem();
    return elements;
  }

  #string(): string {
    // Not one regular expression for the whole: those overflow the stack on long texts.
    if (this.#text[this.#at] !== '"') throw this.#problem();
    let end = this.#at + 1;
    for (; this.#text[end] !== '"'; end++) {
      if (end >= this.#text.length) throw this.#problem();
      if (this.#text[end] === "\\") end++;
    }
    try {
      const text: unknown = JSON.parse(this.#text.slice(this.#at, end + 1));
      this.#at = end + 1;
      return String(text);
    } catch {
      throw this.#problem();
    }
  }

  #scalar(): null | boolean | JsonNumber {
    const pattern = /(?:true|false|null|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?))(?![\w.+-])/y;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) throw this.#problem();
    this.#at = pattern.lastIndex;
    if (match[1] !== undefined) return new JsonNumber(match[1]);
    return match[0] === "null" ? null : match[0] === "true";
  }

  #takes(char: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #problem(): Error {
    return malformed(`JSON: not valid at character ${this.#at + 1}`);
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
