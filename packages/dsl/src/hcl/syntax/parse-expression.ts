import type { Cursor } from "./cursor.ts";
import { describeNext } from "./describe.ts";
import { parseAccess } from "./parse-access.ts";
import { parseTerm } from "./parse-term.ts";
import { Kind } from "./token.ts";
import type { BinaryOperator, Expression } from "./tree.ts";

/** Any expression: a conditional, or what is in one. Stops at what it does not understand, and reports it only when nothing was read. */
export function expression(cursor: Cursor): Expression {
  const isAllowed = cursor.descend();
  const result = isAllowed ? conditional(cursor) : cursor.missing();
  cursor.ascend();
  return result;
}

// --- internal ---

function conditional(cursor: Cursor): Expression {
  const condition = binary(cursor, 1);
  if (cursor.recovering || !cursor.accept(Kind.Question)) return condition;
  let height = cursor.height;
  const then = expression(cursor);
  if (cursor.recovering) return then;
  height = Math.max(height, cursor.height);
  if (!cursor.accept(Kind.Colon)) {
    cursor.fail({
      summary: "Missing false side of a conditional",
      detail: `A conditional has two sides: condition ? one : other. Instead of the colon there is ${describeNext(cursor)}.`,
      hint: cursor.peek() === Kind.Newline ? "A conditional that goes on in the next line must stand in parentheses." : undefined,
      context: { start: condition.start, end: cursor.endAt(cursor.nextIndex()) },
    });
    return condition;
  }
  const otherwise = expression(cursor);
  cursor.grow(Math.max(height, cursor.height));
  return { kind: "conditional", source: cursor.source, start: condition.start, end: otherwise.end, condition, then, otherwise };
}

/** Operators of a strength or more, by the method of climbing: those of one strength group to the left. */
function binary(cursor: Cursor, strength: number): Expression {
  let left = unary(cursor);
  while (!cursor.recovering) {
    const found = operators.get(cursor.peek());
    if (found === undefined || found.strength < strength) break;
    const height = cursor.height;
    cursor.take();
    const right = binary(cursor, found.strength + 1);
    cursor.grow(Math.max(height, cursor.height));
    left = { kind: "binary", source: cursor.source, start: left.start, end: right.end, operator: found.operator, left, right };
  }
  return left;
}

function unary(cursor: Cursor): Expression {
  const kind = cursor.peek();
  if (kind !== Kind.Minus && kind !== Kind.Bang) return parseAccess(cursor, parseTerm(cursor));
  const start = cursor.startAt(cursor.take());
  const isAllowed = cursor.descend();
  const operand = isAllowed ? unary(cursor) : cursor.missing();
  cursor.ascend();
  cursor.grow(cursor.height);
  return { kind: "unary", source: cursor.source, start, end: operand.end, operator: kind === Kind.Minus ? "-" : "!", operand };
}

const operators: ReadonlyMap<Kind, { readonly operator: BinaryOperator; readonly strength: number }> = new Map<
  Kind,
  { readonly operator: BinaryOperator; readonly strength: number }
>([
  [Kind.Or, { operator: "||", strength: 1 }],
  [Kind.And, { operator: "&&", strength: 2 }],
  [Kind.EqualEqual, { operator: "==", strength: 3 }],
  [Kind.NotEqual, { operator: "!=", strength: 3 }],
  [Kind.Less, { operator: "<", strength: 4 }],
  [Kind.LessEqual, { operator: "<=", strength: 4 }],
  [Kind.Greater, { operator: ">", strength: 4 }],
  [Kind.GreaterEqual, { operator: ">=", strength: 4 }],
  [Kind.Plus, { operator: "+", strength: 5 }],
  [Kind.Minus, { operator: "-", strength: 5 }],
  [Kind.Star, { operator: "*", strength: 6 }],
  [Kind.Slash, { operator: "/", strength: 6 }],
  [Kind.Percent, { operator: "%", strength: 6 }],
]);
