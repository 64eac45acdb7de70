import type { Cursor } from "./cursor.ts";
import { Kind } from "./token.ts";

/**
 * After an error in the item that begins at the token `from`, goes to where the next one can begin: to the line end with all brackets of
 * the item closed. Where a bracket is never closed, the layout decides: a line that is not indented further than the item and
 * looks like an item is one. At the end of the file `cursor.recovering` stays set.
 */
export function recoverItem(cursor: Cursor, from: number, mark: number, isBlock: boolean): void {
  const failedAt = cursor.index;
  const indent = indentOf(cursor, from);
  const open: Kind[] = [];
  let index = from;
  for (; ; index++) {
    const kind = cursor.kindAt(index);
    if (kind === Kind.EndOfFile) break;
    const opener = openers.get(kind);
    if (isOpener(kind)) open.push(kind);
    else if (opener !== undefined) {
      const at = open.lastIndexOf(opener);
      if (at >= 0) open.length = at;
      else if (kind === Kind.CloseBrace && index >= failedAt && isBlock) break;
    } else if (kind === Kind.Newline && index >= failedAt && canGoOn(cursor, index + 1, indent, open)) break;
  }
  cursor.index = index;
  cursor.gather();
  cursor.pending.length = mark;
  cursor.newlines = true;
  if (cursor.kindAt(index) !== Kind.EndOfFile) cursor.recovering = false;
}

// --- internal ---

const openers: ReadonlyMap<Kind, Kind> = new Map<Kind, Kind>([
  [Kind.CloseBrace, Kind.OpenBrace],
  [Kind.CloseBracket, Kind.OpenBracket],
  [Kind.CloseParen, Kind.OpenParen],
]);

function isOpener(kind: Kind): boolean {
  return kind === Kind.OpenBrace || kind === Kind.OpenBracket || kind === Kind.OpenParen;
}

/** Number of characters in front of a token on its line. */
function indentOf(cursor: Cursor, index: number): number {
  const start = cursor.startAt(index);
  return start - (cursor.source.text.lastIndexOf("\n", start - 1) + 1);
}

/** True if reading can go on with the line that begins at the token `index`. */
function canGoOn(cursor: Cursor, index: number, indent: number, open: readonly Kind[]): boolean {
  const isDeeper = indentOf(cursor, index) > indent;
  switch (cursor.kindAt(index)) {
    case Kind.Newline:
    case Kind.EndOfFile:
      return open.length === 0;
    case Kind.CloseBrace:
      return !isDeeper && !open.includes(Kind.OpenBrace);
    case Kind.Identifier:
      return open.length === 0 ? !isDeeper || beginsItem(cursor, index) : !isDeeper && beginsItem(cursor, index);
    default:
      // What is indented further goes on with the item.
      return open.length === 0 && !isDeeper;
  }
}

function beginsItem(cursor: Cursor, index: number): boolean {
  const next = cursor.kindAt(index + 1);
  return next === Kind.Equal || next === Kind.OpenBrace || next === Kind.OpenQuote || next === Kind.Identifier;
}
