import type { Cursor } from "./cursor.ts";
import { Kind } from "./token.ts";

/**
 * After an error in the item that begins at the token `from`, goes to where the next one can begin: to the line end with all brackets of
 * the item closed. Where a bracket is never closed, the layout decides: a line that is not indented further than the item and
 * looks like an item is one. At the end of the file `cursor.recovering` stays set.
 */
export function recoverItem(cursor: Cursor, from: number, mark: number, isBlock: boolean): void {
  const failedAt = cursor.index;
  if (cursor.kindAt(failedAt) === Kind.EndOfFile) return;
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
  cursor.isLost = false;
  if (cursor.kindAt(index) !== Kind.EndOfFile) cursor.recovering = false;
}

/**
 * After an error in an element of the list or object that opens at the token `open`, goes to the next element, so that its errors are
 * found too. False where the layout says that the closing bracket is missing; then the item that holds it all decides.
 */
export function recoverElement(cursor: Cursor, open: number, from: number, mark: number): boolean {
  if (cursor.isLost) return false;
  const isObject = cursor.kindAt(open) === Kind.OpenBrace;
  const close = isObject ? Kind.CloseBrace : Kind.CloseBracket;
  const indent = lineIndent(cursor, open);
  const failedAt = cursor.index;
  let depth = 0;
  for (let index = from; ; index++) {
    const kind = cursor.kindAt(index);
    if (isOpener(kind)) depth++;
    const isHere = depth === 0 && index >= failedAt;
    if (isHere && (kind === close || kind === Kind.Comma || (isObject && kind === Kind.Newline))) {
      cursor.index = kind === close ? index : index + 1;
      cursor.gather();
      cursor.pending.length = mark;
      cursor.recovering = false;
      return true;
    }
    if (openers.has(kind)) depth--;
    const isOut =
      kind === Kind.Newline && index >= failedAt && !openers.has(cursor.kindAt(index + 1)) && lineIndent(cursor, index + 1) <= indent;
    if (depth < 0 || kind === Kind.EndOfFile || (isOut && cursor.kindAt(index + 1) !== Kind.Newline)) {
      cursor.isLost = true;
      return false;
    }
  }
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

/** Number of blanks at the beginning of a token's line. */
function lineIndent(cursor: Cursor, index: number): number {
  const { text } = cursor.source;
  const lineStart = text.lastIndexOf("\n", cursor.startAt(index) - 1) + 1;
  let at = lineStart;
  while (text[at] === " " || text[at] === "\t") at++;
  return at - lineStart;
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
