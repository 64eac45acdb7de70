import { ExactNumber, type Fixable } from "./fixer.ts";

/**
 * A template as `fix` prints it (row DET-15): two spaces, keys in the order of their bytes. As with Packer, angle brackets stand as they
 * are, while `&` and the line separators of Unicode are escaped.
 */
export function printTemplate(value: Fixable): string {
  return `${print(value, "")}\n`;
}

// --- internal ---

function print(value: Fixable, indent: string): string {
  if (value instanceof ExactNumber) return value.text;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return `[\n${value.map((item) => inner + print(item, inner)).join(",\n")}\n${indent}]`;
  }
  if (typeof value === "object" && value !== null) {
    const names = Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    if (names.length === 0) return "{}";
    return `{\n${names.map((name) => `${inner}${text(name)}: ${print(value[name] ?? null, inner)}`).join(",\n")}\n${indent}}`;
  }
  return typeof value === "string" ? text(value) : JSON.stringify(value);
}

/** Go knows no short escape for these two control characters. */
const longEscapes: { readonly [short: string]: string } = { "\\b": "\\u0008", "\\f": "\\u000c" };

function text(value: string): string {
  return JSON.stringify(value)
    .replace(/\\[\\"bf]/g, (found) => longEscapes[found] ?? found)
    .replace(/[&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
