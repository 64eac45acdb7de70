import type { Cursor } from "./cursor.ts";
import { Kind } from "./token.ts";

/** Names the next token for a message: `a line end`, `"}"`. */
export function describeNext(cursor: Cursor): string {
  const index = cursor.nextIndex();
  switch (cursor.kindAt(index)) {
    case Kind.EndOfFile:
      return "the end of the text";
    case Kind.Newline:
      return "the end of the line";
    case Kind.OpenQuote:
    case Kind.CloseQuote:
      return "a quotation mark";
    case Kind.OpenHeredoc:
    case Kind.CloseHeredoc:
      return "a heredoc";
    case Kind.Identifier:
      return `the name "${shorten(cursor.textAt(index))}"`;
    case Kind.Number:
      return `the number ${shorten(cursor.textAt(index))}`;
    default:
      return `"${shorten(cursor.textAt(index))}"`;
  }
}

// --- internal ---

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
