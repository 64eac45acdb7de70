import { blankLineBetween } from "./comments.ts";
import type { Cursor } from "./cursor.ts";
import { describeNext } from "./describe.ts";
import { parseLabels } from "./parse-labels.ts";
import { recoverItem } from "./recover.ts";
import { Kind } from "./token.ts";
import type { Attribute, Block, Body, Comment, Node } from "./tree.ts";

/** The items of a file or of a block, up to what closes it, which is not taken. */
export function body(cursor: Cursor, close: typeof Kind.EndOfFile | typeof Kind.CloseBrace): Body {
  const start = cursor.lastEnd();
  const mark = cursor.pending.length;
  const items: (Attribute | Block)[] = [];
  const names = new Map<string, Node>();
  const isBlock = close === Kind.CloseBrace;
  let before = start;
  for (;;) {
    skipNewlines(cursor);
    const kind = cursor.peek();
    if (kind === close || kind === Kind.EndOfFile) break;
    const first = cursor.index;
    const itemStart = cursor.startAt(first);
    const leading = cursor.claim(mark, itemStart);
    const blankBefore = hasBlankLine(cursor.source.text, before, leading[0]?.start ?? itemStart);
    const item = kind === Kind.Identifier ? readItem(cursor, { leading, blankBefore, isBlock }) : noItem(cursor, isBlock);
    if (item?.kind === "attribute") checkName(cursor, names, item);
    if (item !== undefined) {
      items.push(item);
      before = item.trailing?.end ?? item.end;
    }
    // Only at the end of the file is there no way to go on.
    if (cursor.recovering) break;
  }
  const end = cursor.startAt(cursor.index);
  return { source: cursor.source, start, end, items, dangling: cursor.claim(mark, end) };
}

// --- internal ---

interface Before {
  readonly leading: readonly Comment[];
  readonly blankBefore: boolean;
  /** The item stands in a block, which a brace may close. */
  readonly isBlock: boolean;
}

const summary = "Argument or block definition required";

function readItem(cursor: Cursor, before: Before): Attribute | Block | undefined {
  const first = cursor.index;
  const mark = cursor.pending.length;
  const name = cursor.take();
  switch (cursor.peek()) {
    case Kind.Equal: {
      const bare = attribute(cursor, name);
      if (!cursor.recovering) endOfItem(cursor, "argument", bare.start);
      return complete(cursor, bare, before, mark, first);
    }
    case Kind.OpenBrace:
    case Kind.OpenQuote:
    case Kind.Identifier:
      return block(cursor, name, before, mark);
  }
  const word = cursor.textAt(name);
  const found = cursor.kindAt(cursor.index);
  const isLineEnd = found === Kind.Newline || found === Kind.EndOfFile;
  cursor.fail({
    summary,
    detail:
      isLineEnd && cursor.kindAt(cursor.index + 1) === Kind.OpenBrace
        ? `The opening brace of a block stands on the line of its type "${word}".`
        : `Here a line must be an argument (${word} = …) or begin a block (${word} { … }), but after the name there is ${describeNext(cursor)}.`,
    hint: itemHint(cursor, word),
    at: cursor.nodeAt(name),
    context: isLineEnd ? undefined : { start: cursor.startAt(name), end: cursor.endAt(cursor.index) },
  });
  // A brace on the next line opens the body of what should have been a block: skipped with it.
  if (isLineEnd && cursor.kindAt(cursor.index + 1) === Kind.OpenBrace) cursor.index++;
  recoverItem(cursor, first, mark, before.isBlock);
  return undefined;
}

function itemHint(cursor: Cursor, word: string): string | undefined {
  switch (cursor.kindAt(cursor.index)) {
    case Kind.Colon:
    case Kind.EqualEqual:
      return `To give an argument its value, write ${word} = ….`;
    case Kind.Dot:
      return "An argument has a plain name. For a nested value, write a block or an object.";
    default:
      return undefined;
  }
}

type Bare<T> = Omit<T, "leading" | "trailing" | "blankBefore">;

function attribute(cursor: Cursor, name: number): Bare<Attribute> {
  const nameNode = cursor.nodeAt(name);
  cursor.take();
  const value = cursor.rules.expression(cursor);
  return {
    kind: "attribute",
    source: cursor.source,
    start: nameNode.start,
    end: value.end,
    name: cursor.textAt(name).normalize(),
    nameNode,
    value,
  };
}

function block(cursor: Cursor, typeIndex: number, before: Before, mark: number): Block {
  const typeNode = cursor.nodeAt(typeIndex);
  const labels = parseLabels(cursor, typeNode);
  const start = typeNode.start;
  let content: Body = { source: cursor.source, start: cursor.lastEnd(), end: cursor.lastEnd(), items: [], dangling: [] };
  let openComment: Comment | undefined;
  if (!cursor.recovering) {
    const open = cursor.take();
    openComment = cursor.takeTrailing();
    const isAllowed = cursor.descend();
    if (isAllowed) {
      const isMultiLine = cursor.peek() === Kind.Newline || cursor.peek() === Kind.CloseBrace || cursor.peek() === Kind.EndOfFile;
      content = isMultiLine ? body(cursor, Kind.CloseBrace) : singleArgument(cursor, typeIndex);
    }
    cursor.ascend();
    if (!cursor.recovering) closeBlock(cursor, open, before);
  }
  const bare: Bare<Block> = {
    kind: "block",
    source: cursor.source,
    start,
    end: cursor.lastEnd(),
    type: cursor.textAt(typeIndex).normalize(),
    typeNode,
    labels,
    body: content,
    openComment,
  };
  return complete(cursor, bare, before, mark, typeIndex);
}

function closeBlock(cursor: Cursor, open: number, before: Before): void {
  if (!cursor.accept(Kind.CloseBrace)) {
    cursor.fail({
      summary: "Unclosed configuration block",
      detail: "There is no closing brace for this block before the end of the file.",
      hint: "A brace may be missing further down, in a block inside of this one.",
      at: cursor.nodeAt(open),
    });
    return;
  }
  const after = cursor.index;
  endOfItem(cursor, "block", cursor.startAt(open));
  // The braces up to here match, so that only what follows is skipped.
  if (cursor.recovering) recoverItem(cursor, after, cursor.pending.length, before.isBlock);
}

/** `b { x = 1 }`: one argument and no more. */
function singleArgument(cursor: Cursor, typeIndex: number): Body {
  const start = cursor.lastEnd();
  const mark = cursor.pending.length;
  const place = (items: readonly Attribute[]): Body => ({ source: cursor.source, start, end: cursor.lastEnd(), items, dangling: [] });
  const context = (): { start: number; end: number } => ({ start: cursor.startAt(typeIndex), end: cursor.endAt(cursor.index) });
  cursor.gather();
  const leading = cursor.claim(mark, cursor.startAt(cursor.index));
  const name = cursor.index;
  if (!cursor.accept(Kind.Identifier) || cursor.peek() !== Kind.Equal) {
    cursor.fail({
      summary: "Argument definition required",
      detail: "A block on one line holds nothing, or one argument and nothing else.",
      hint: "Begin a new line behind the opening brace.",
      at: { start: cursor.startAt(name), end: cursor.endAt(cursor.index) },
      context: context(),
    });
    return place([]);
  }
  const bare = attribute(cursor, name);
  const inner = cursor.claim(mark, 0);
  const trailing = cursor.takeTrailing();
  if (!cursor.recovering && cursor.peek() !== Kind.CloseBrace) {
    cursor.fail({
      summary: "Invalid single-argument block definition",
      detail: `A block on one line is closed directly behind its one argument, but there is ${describeNext(cursor)}.`,
      hint: "Give each argument a line of its own, and the closing brace too.",
      context: context(),
    });
  }
  return place([{ ...bare, leading: [...leading, ...inner], trailing, blankBefore: false }]);
}

/** Adds the comments. After an error goes to where the next item can begin. */
function complete<T extends Bare<Attribute> | Bare<Block>>(
  cursor: Cursor,
  bare: T,
  before: Before,
  mark: number,
  first: number,
): T & Pick<Attribute, "leading" | "trailing" | "blankBefore"> {
  const inner = cursor.claim(mark, 0);
  const trailing = cursor.takeTrailing();
  if (cursor.recovering) recoverItem(cursor, first, mark, before.isBlock);
  const leading = inner.length === 0 ? before.leading : [...before.leading, ...inner];
  return { ...bare, leading, trailing, blankBefore: before.blankBefore };
}

function endOfItem(cursor: Cursor, what: "argument" | "block", start: number): void {
  const next = cursor.peek();
  if (next === Kind.Newline || next === Kind.EndOfFile) return;
  const context = { start, end: cursor.endAt(cursor.index) };
  if (what === "argument" && next === Kind.Comma) {
    cursor.fail({
      summary: "Unexpected comma after argument",
      detail: "Arguments are separated by line ends, not by commas.",
      hint: "Delete the comma, and give each argument a line of its own.",
      context,
    });
    return;
  }
  cursor.fail({
    summary: `Missing newline after ${what}${what === "block" ? " definition" : ""}`,
    detail: `${what === "argument" ? "An argument" : "A block"} ends with its line, but here follows ${describeNext(cursor)}.`,
    hint: next === Kind.CloseBrace ? "Put the closing brace on a line of its own." : undefined,
    context,
  });
}

/** Something that begins no item. */
function noItem(cursor: Cursor, isBlock: boolean): undefined {
  const isQuoted = cursor.peek() === Kind.OpenQuote;
  cursor.fail({
    summary: isQuoted ? "Invalid argument name" : summary,
    detail: isQuoted
      ? "Names of arguments are written without quotes."
      : `Here a line must be an argument or begin a block, but it begins with ${describeNext(cursor)}.`,
    hint: cursor.peek() === Kind.CloseBrace ? "There is a closing brace too many, here or further up." : undefined,
  });
  recoverItem(cursor, cursor.index, cursor.pending.length, isBlock);
  return undefined;
}

function checkName(cursor: Cursor, names: Map<string, Node>, item: Attribute): void {
  const earlier = names.get(item.name);
  if (earlier === undefined) {
    names.set(item.name, item.nameNode);
    return;
  }
  cursor.note({
    summary: "Attribute redefined",
    detail: `The argument "${item.name}" was set before in the same place. Each argument may be set only once.`,
    start: item.nameNode.start,
    end: item.nameNode.end,
    related: { start: earlier.start, end: earlier.end, message: "It was set here." },
  });
}

function hasBlankLine(text: string, start: number, end: number): boolean {
  return start === 0 ? /^[\t\r ]*\n/.test(text) : blankLineBetween(text, start, end);
}

function skipNewlines(cursor: Cursor): void {
  while (cursor.accept(Kind.Newline));
  cursor.gather();
}
