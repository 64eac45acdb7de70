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

/** Lists written one behind the other in one pair of brackets: those that are written out bring their lines and comments along. */
export function joined(lists: readonly Code[]): string {
  const parts = lists.map((list) => {
    const inner = list.members === undefined ? "" : list.text.slice(1, -1).trim();
    // A comment behind the last element ends its line, and the comma stands in front of it.
    return /,[ \t]*\/\/[^\n]*$/.test(inner) ? `${inner}\n` : spread(list);
  });
  const written = parts.filter((part) => part !== "");
  const text = written.map((part, index) => (part.endsWith("\n") || index === written.length - 1 ? part : `${part}, `)).join("");
  return written.some((part) => part.endsWith("\n")) ? `[\n${text}\n]` : `[${text}]`;
}
