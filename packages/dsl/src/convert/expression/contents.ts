import { type Code, operand, precedence } from "./code.ts";

/** What stands between the brackets of a list or object that is written out here; undefined for anything else. */
export function contents(value: Code): string | undefined {
  if (value.members === undefined || !/^(\[.*\]|\{.*\})$/s.test(value.text)) return undefined;
  const inner = value.text.slice(1, -1).trim();
  // A comment at the end would swallow what follows it.
  if (/\/\/[^\n]*$/.test(inner)) return undefined;
  return inner.replace(/,$/, "");
}

/** The value as part of a list or object: its own elements where they are written out, else a spread. */
export function spread(value: Code): string {
  return contents(value) ?? `...${operand(value, precedence.equality)}`;
}
