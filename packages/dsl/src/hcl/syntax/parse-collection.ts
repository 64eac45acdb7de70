import type { Cursor } from "./cursor.ts";
import { describeNext } from "./describe.ts";
import { parseFor } from "./parse-for.ts";
import { recoverElement } from "./recover.ts";
import { Kind } from "./token.ts";
import type { Comment, Expression, ForExpression, ObjectConstructor, ObjectItem, Tuple, TupleElement } from "./tree.ts";

/** `[a, b]` or `[for …]`, at its bracket. */
export function parseTuple(cursor: Cursor): Tuple | ForExpression {
  const open = cursor.take();
  const newlines = cursor.newlines;
  cursor.newlines = false;
  const result = cursor.peekWord() === "for" ? parseFor(cursor, open, Kind.CloseBracket) : tuple(cursor, open);
  cursor.newlines = newlines;
  return result;
}

/** `{ a = 1 }` or `{for …}`, at its brace. */
export function parseObject(cursor: Cursor): ObjectConstructor | ForExpression {
  const open = cursor.take();
  const newlines = cursor.newlines;
  cursor.newlines = false;
  const isFor = cursor.peekWord() === "for";
  if (!isFor) cursor.newlines = true;
  const result = isFor ? parseFor(cursor, open, Kind.CloseBrace) : object(cursor, open);
  cursor.newlines = newlines;
  return result;
}

// --- internal ---

function tuple(cursor: Cursor, open: number): Tuple {
  const start = cursor.startAt(open);
  const mark = cursor.pending.length;
  const elements: TupleElement[] = [];
  let height = 0;
  while (!cursor.recovering) {
    skipNewlines(cursor);
    if (cursor.peek() === Kind.CloseBracket) break;
    if (cursor.peek() === Kind.EndOfFile) {
      cursor.fail({
        summary: "Unterminated list",
        detail: "There is no closing bracket for this one before the end of the text.",
        at: { start, end: cursor.endAt(open) },
      });
      break;
    }
    const first = cursor.index;
    const leading = cursor.claim(mark, cursor.startAt(first));
    const value = cursor.rules.expression(cursor);
    height = Math.max(height, cursor.height);
    const hasComma = !cursor.recovering && separator(cursor, value);
    elements.push({ value, ...finish(cursor, mark, leading) });
    if (cursor.recovering ? !recoverElement(cursor, open, first, mark) : !hasComma && cursor.peek() === Kind.CloseBracket) break;
  }
  skipNewlines(cursor);
  const dangling = cursor.claim(mark, cursor.startAt(cursor.index));
  if (!cursor.recovering) cursor.take();
  cursor.grow(height);
  return { kind: "tuple", source: cursor.source, start, end: cursor.lastEnd(), elements, dangling };
}

/** Goes past the comma behind an element. */
function separator(cursor: Cursor, value: Expression): boolean {
  const next = cursor.peek();
  if (next === Kind.CloseBracket) return false;
  if (next === Kind.Comma) {
    cursor.take();
    return true;
  }
  if (next === Kind.EndOfFile) return true;
  cursor.fail({
    summary: "Missing item separator",
    detail: `Items of a list are separated by commas, also when each has a line of its own. After this one there is ${describeNext(cursor)}.`,
    hint: "Write a comma after the item before.",
    context: { start: value.start, end: cursor.endAt(cursor.nextIndex()) },
  });
  return false;
}

function object(cursor: Cursor, open: number): ObjectConstructor {
  const start = cursor.startAt(open);
  const mark = cursor.pending.length;
  const items: ObjectItem[] = [];
  let height = 0;
  while (!cursor.recovering) {
    skipNewlines(cursor);
    if (cursor.peek() === Kind.CloseBrace) break;
    if (cursor.peek() === Kind.EndOfFile) {
      cursor.fail({
        summary: "Unterminated object",
        detail: "There is no closing brace for this one before the end of the text.",
        at: { start, end: cursor.endAt(open) },
      });
      break;
    }
    const first = cursor.index;
    const leading = cursor.claim(mark, cursor.startAt(first));
    const item = objectItem(cursor);
    height = Math.max(height, cursor.height);
    if (!cursor.recovering && !cursor.accept(Kind.Comma)) itemEnd(cursor, item);
    items.push({ ...item, ...finish(cursor, mark, leading) });
    if (cursor.recovering && !recoverElement(cursor, open, first, mark)) break;
  }
  const dangling = cursor.claim(mark, cursor.startAt(cursor.index));
  if (!cursor.recovering) cursor.take();
  cursor.grow(height);
  return { kind: "object", source: cursor.source, start, end: cursor.lastEnd(), items, dangling };
}

type BareItem = Pick<ObjectItem, "key" | "isLiteralKey" | "value">;

function objectItem(cursor: Cursor): BareItem {
  const word = cursor.peekWord();
  const key = cursor.rules.expression(cursor);
  let height = cursor.height;
  if (cursor.recovering) return { key, isLiteralKey: false, value: cursor.missing() };
  const literal = literalKey(key, word);
  if (!cursor.accept(Kind.Equal) && !cursor.accept(Kind.Colon)) {
    const isAlone = cursor.peek() === Kind.Newline || cursor.peek() === Kind.Comma || cursor.peek() === Kind.CloseBrace;
    cursor.fail({
      summary: isAlone ? "Missing attribute value" : "Missing key/value separator",
      detail: `A key is followed, on its line, by an equals sign and a value. After this one there is ${describeNext(cursor)}.`,
      hint:
        isAlone && word !== undefined
          ? `For a list of values, write brackets: [${word}].`
          : "Write an equals sign between the key and its value.",
      context: { start: key.start, end: cursor.endAt(cursor.nextIndex()) },
    });
    return { key, isLiteralKey: false, value: cursor.missing() };
  }
  const value = cursor.rules.expression(cursor);
  height = Math.max(height, cursor.height);
  cursor.height = height;
  return { key: literal ?? key, isLiteralKey: literal !== undefined, value };
}

/** The key if it is a bare word, which stands for itself: also `true` and `null`. */
function literalKey(key: Expression, word: string | undefined): Expression | undefined {
  if (key.kind === "variable") return key;
  if ((key.kind !== "bool" && key.kind !== "null") || word === undefined) return undefined;
  return { kind: "variable", source: key.source, start: key.start, end: key.end, name: word };
}

/** An item without a comma ends at a newline or at the brace. */
function itemEnd(cursor: Cursor, item: BareItem): void {
  const next = cursor.peek();
  if (next === Kind.Newline || next === Kind.CloseBrace || next === Kind.EndOfFile) return;
  cursor.fail({
    summary: "Missing attribute separator",
    detail: `Items of an object are separated by line ends or commas. After this one there is ${describeNext(cursor)}.`,
    context: { start: item.key.start, end: cursor.endAt(cursor.nextIndex()) },
  });
}

/** Goes past newlines, wherever they count, and takes the comments in front of what comes next. */
function skipNewlines(cursor: Cursor): void {
  while (cursor.kindAt(cursor.index) === Kind.Newline) {
    cursor.gather();
    cursor.index++;
  }
  cursor.gather();
}

/** The comments of an element: those in front, those inside that found no other place, and the one behind. */
function finish(
  cursor: Cursor,
  mark: number,
  leading: readonly Comment[],
): { readonly leading: readonly Comment[]; readonly trailing?: Comment } {
  const passed = cursor.claim(mark, 0);
  const trailing = cursor.takeTrailing();
  const all = passed.length === 0 ? leading : [...leading, ...passed];
  return trailing === undefined ? { leading: all } : { leading: all, trailing };
}
