import { numberText } from "../hcl/eval/number.ts";
import { sortedEntries, type Value } from "../hcl/eval/value.ts";

/** Stands for what is sensitive. */
export const sensitiveText = "<sensitive>";

/**
 * A value as the console prints it (row DET-11): text alone without quotes, text inside of something in quotes, lists and objects over
 * several lines, and `<unknown>` for what is not known before a run.
 */
export function printValue(value: Value): string {
  return value.kind === "string" && !value.sensitive ? value.value : printInner(value, "");
}

// --- internal ---

function printInner(value: Value, indent: string): string {
  if (value.sensitive) return sensitiveText;
  switch (value.kind) {
    case "string":
      return JSON.stringify(value.value);
    case "number":
      return numberText(value.value);
    case "bool":
      return String(value.value);
    case "null":
      return "null";
    case "unknown":
      return "<unknown>";
    case "sequence":
      return lines(
        "[",
        "]",
        indent,
        value.elements.map((element) => `${printInner(element, `${indent}  `)},`),
      );
    case "record":
      return lines(
        "{",
        "}",
        indent,
        sortedEntries(value).map(([name, item]) => `${JSON.stringify(name)} = ${printInner(item, `${indent}  `)}`),
      );
  }
}

function lines(open: string, close: string, indent: string, items: readonly string[]): string {
  if (items.length === 0) return `${open}${close}`;
  return [open, ...items.map((item) => `${indent}  ${item}`), `${indent}${close}`].join("\n");
}
