import type { Cursor } from "./cursor.ts";
import { describeNext } from "./describe.ts";
import { Kind } from "./token.ts";
import type { Expression, ForExpression } from "./tree.ts";

/** The names of a `for` and what it goes over: `key, value in collection`. */
export interface ForIntroduction {
  readonly keyName?: string | undefined;
  readonly valueName: string;
  readonly collection: Expression;
}

const summary = "Invalid 'for' expression";

/** A `for` expression behind its opening bracket `open`, at the word `for`. Newlines do not count already. */
export function parseFor(cursor: Cursor, open: number, close: typeof Kind.CloseBracket | typeof Kind.CloseBrace): ForExpression {
  const start = cursor.startAt(open);
  cursor.take();
  const isObject = close === Kind.CloseBrace;
  const introduction = parseForIntroduction(cursor, start, summary);
  let height = cursor.height;
  let key: Expression | undefined;
  let value: Expression = cursor.missing();
  let groups = false;
  let condition: Expression | undefined;
  const read = (): Expression => {
    const result = cursor.rules.expression(cursor);
    height = Math.max(height, cursor.height);
    return result;
  };
  const complain = (detail: string, hint?: string): void =>
    cursor.fail({ summary, detail, hint, context: { start, end: cursor.endAt(cursor.nextIndex()) } });

  if (!cursor.recovering) {
    if (cursor.accept(Kind.Colon)) value = read();
    else complain(`After what it goes over stands a colon, but there is ${describeNext(cursor)}.`);
  }
  if (!cursor.recovering && cursor.peek() === Kind.Arrow) {
    if (!isObject) complain("A 'for' in brackets makes a list, whose items have no keys.", "For an object, write braces around it.");
    else {
      cursor.take();
      key = value;
      value = read();
    }
  } else if (!cursor.recovering && isObject) {
    complain("A 'for' in braces makes an object, and says a key for each item: key => value.", "For a list, write brackets around it.");
  }
  if (!cursor.recovering && cursor.peek() === Kind.Ellipsis) {
    if (!isObject) complain("Only a 'for' that makes an object can group its values with \"...\".");
    else {
      cursor.take();
      groups = true;
    }
  }
  if (!cursor.recovering && cursor.peekWord() === "if") {
    cursor.take();
    condition = read();
  }
  if (!cursor.recovering && !cursor.accept(close)) {
    complain(`The 'for' should end with "${isObject ? "}" : "]"}", but there is ${describeNext(cursor)}.`);
  }
  cursor.grow(height);
  return {
    kind: "for",
    source: cursor.source,
    start,
    end: cursor.lastEnd(),
    ...introduction,
    key,
    value,
    groups,
    condition,
  };
}

/** `value in collection` or `key, value in collection`, of a `for` expression or directive. */
export function parseForIntroduction(cursor: Cursor, start: number, summary: string): ForIntroduction {
  const first = name(cursor, start, summary);
  const second = cursor.accept(Kind.Comma) ? name(cursor, start, summary) : undefined;
  if (!cursor.recovering) {
    if (cursor.peekWord() === "in") cursor.take();
    else {
      cursor.fail({
        summary,
        detail: `After its names stands the word "in", but there is ${describeNext(cursor)}.`,
        context: { start, end: cursor.endAt(cursor.nextIndex()) },
      });
    }
  }
  const collection = cursor.recovering ? cursor.missing() : cursor.rules.expression(cursor);
  return { keyName: second === undefined ? undefined : first, valueName: second ?? first, collection };
}

// --- internal ---

function name(cursor: Cursor, start: number, summary: string): string {
  const word = cursor.recovering ? undefined : cursor.peekWord();
  if (word !== undefined) {
    cursor.take();
    return word.normalize();
  }
  cursor.fail({
    summary,
    detail: `After "for" stands the name for the items, but there is ${describeNext(cursor)}.`,
    hint: 'As a key or a value of its own, the word "for" is written in quotes.',
    context: { start, end: cursor.endAt(cursor.nextIndex()) },
  });
  return "";
}
