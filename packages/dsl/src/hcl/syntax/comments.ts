import type { SourceText } from "./source-text.ts";
import type { Comment } from "./tree.ts";

/** A comment as a node. */
export function toComment(source: SourceText, start: number, end: number): Comment {
  return { source, start, end, text: source.text.slice(start, end), blankAfter: false };
}

/** True if a blank line stands between two offsets, with only blanks in between. */
export function blankLineBetween(text: string, start: number, end: number): boolean {
  const first = text.indexOf("\n", start);
  if (first < 0 || first >= end) return false;
  const second = text.indexOf("\n", first + 1);
  return second >= 0 && second < end;
}
