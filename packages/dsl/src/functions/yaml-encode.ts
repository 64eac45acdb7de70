// Values as YAML text, the way the reference writes it through libyaml's emitter: text in double quotes, or as a literal block when it
// has several lines; sorted keys; long text folded behind column 80.
import { numberText } from "../hcl/eval/number.ts";
import { sortedEntries, type Value } from "../hcl/eval/value.ts";
import { FunctionError } from "./function.ts";

/** The value as a document. */
export function encodeYaml(value: Value): string {
  const emitter = new Emitter();
  emitter.node(value, -INDENT, "root");
  return emitter.finish(value.kind === "number" || value.kind === "bool" || value.kind === "null");
}

// --- internal ---

const INDENT = 2;
const WIDTH = 80;
/** Longer keys are written as `? key`. */
const MOST_KEY_BYTES = 128;
const MOST_LEVELS = 500;

type Parent = "root" | "list" | "map";

class Emitter {
  #text = "";
  #column = 0;

  finish(isPlain: boolean): string {
    if (!this.#text.endsWith("\n")) this.#put("\n");
    // A plain scalar at the top has no end of its own.
    return isPlain ? `${this.#text}...\n` : this.#text;
  }

  /** `indent` is that of the collection around. */
  node(value: Value, indent: number, parent: Parent): void {
    if (indent > MOST_LEVELS * INDENT) throw new FunctionError("the value is nested too deeply for YAML", 0);
    switch (value.kind) {
      case "sequence":
        // A list within a mapping stands below its key, not further in.
        if (value.elements.length === 0) this.#put("[]");
        else this.#list(value.elements, parent === "map" ? indent : indent + INDENT, parent);
        break;
      case "record":
        if (value.entries.size === 0) this.#put("{}");
        else this.#map(sortedEntries(value), indent + INDENT, parent);
        break;
      case "string":
        this.#string(value.value, indent < 0 ? INDENT : indent + INDENT, false);
        break;
      case "number":
        this.#put(numberText(value.value));
        break;
      case "bool":
        this.#put(String(value.value));
        break;
      case "null":
        this.#put("null");
        break;
      case "unknown":
        throw new FunctionError("a value that is not known yet cannot be written as YAML", 0);
    }
  }

  #list(elements: readonly Value[], indent: number, parent: Parent): void {
    elements.forEach((element, index) => {
      if (index > 0 || parent === "map") this.#startLine(indent);
      this.#put("- ");
      this.node(element, indent, "list");
    });
  }

  #map(entries: readonly (readonly [string, Value])[], indent: number, parent: Parent): void {
    entries.forEach(([name, value], index) => {
      if (index > 0 || parent === "map") this.#startLine(indent);
      if (isSimpleKey(name)) {
        this.#string(name, indent + INDENT, true);
        this.#put(":");
      } else {
        this.#put("? ");
        this.#string(name, indent + INDENT, false);
        this.#startLine(indent);
        this.#put(":");
      }
      const isBlock = (value.kind === "sequence" && value.elements.length > 0) || (value.kind === "record" && value.entries.size > 0);
      if (!isBlock) this.#put(" ");
      this.node(value, indent, "map");
    });
  }

  #string(text: string, indent: number, isKey: boolean): void {
    if (!isKey && canBeLiteral(text)) this.#literal(text, indent);
    else this.#quoted(text, indent, !isKey);
  }

  /** `|`, with a number when the indent cannot be told from the first line, and `-` or `+` for what is done with the last line ends. */
  #literal(text: string, indent: number): void {
    const hint = /^[ \n]/.test(text) ? String(INDENT) : "";
    const end = !text.endsWith("\n") ? "-" : text === "\n" || text.endsWith("\n\n") ? "+" : "";
    const lines = (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
    const margin = " ".repeat(indent);
    this.#put(`|${hint}${end}\n${lines.map((line) => (line === "" ? "" : margin + line)).join("\n")}\n`);
  }

  #quoted(text: string, indent: number, mayFold: boolean): void {
    const characters = [...text];
    let isAfterSpace = false;
    this.#put('"');
    characters.forEach((character, index) => {
      if (character !== " ") {
        this.#put(isPlainCharacter(character) ? character : escaped(character));
        isAfterSpace = false;
        return;
      }
      const isInside = index > 0 && index < characters.length - 1;
      if (mayFold && !isAfterSpace && this.#column > WIDTH && isInside) {
        this.#startLine(indent);
        // A blank at the start of a line would be taken for its indent.
        if (characters[index + 1] === " ") this.#put("\\");
      } else {
        this.#put(" ");
      }
      isAfterSpace = true;
    });
    this.#put('"');
  }

  /** A new line, unless a literal block has begun one. */
  #startLine(indent: number): void {
    if (this.#column > 0) this.#put("\n");
    this.#put(" ".repeat(indent));
  }

  #put(text: string): void {
    this.#text += text;
    const lineStart = text.lastIndexOf("\n") + 1;
    const added = [...text.slice(lineStart)].length;
    this.#column = lineStart > 0 ? added : this.#column + added;
  }
}

function isSimpleKey(name: string): boolean {
  return !/[\n\r\u0085\u2028\u2029]/.test(name) && Buffer.byteLength(name) <= MOST_KEY_BYTES;
}

/** Several lines, all of characters that need no escape, and no blank before a line end or at the very end. */
function canBeLiteral(text: string): boolean {
  if (!text.includes("\n") || / (?:\n|$)/.test(text)) return false;
  return [...text].every((character) => character === "\n" || character === '"' || character === "\\" || isPlainCharacter(character));
}

/** What libyaml prints as it is: no control characters, no line ends, nothing beyond the 16-bit plane. */
function isPlainCharacter(character: string): boolean {
  return /^[\x20\x21\x23-\x5b\x5d-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]$/.test(character);
}

const shortEscapes: { readonly [character: string]: string } = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\x85": "\\N",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

function escaped(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
