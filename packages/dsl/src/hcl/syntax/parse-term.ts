import type { Complaint, Cursor } from "./cursor.ts";
import { describeNext } from "./describe.ts";
import { parseCall } from "./parse-call.ts";
import { parseObject, parseTuple } from "./parse-collection.ts";
import { Kind } from "./token.ts";
import type { Expression } from "./tree.ts";

/** The smallest whole expression: a literal, a name, a call, something in brackets. Sets `cursor.height`. */
export function parseTerm(cursor: Cursor): Expression {
  switch (cursor.peek()) {
    case Kind.Identifier:
      return word(cursor);
    case Kind.Number:
      return number(cursor);
    case Kind.OpenQuote:
    case Kind.OpenHeredoc:
      return cursor.rules.template(cursor);
    case Kind.OpenBracket:
      return parseTuple(cursor);
    case Kind.OpenBrace:
      return parseObject(cursor);
    case Kind.OpenParen:
      return parentheses(cursor);
    default:
      cursor.fail(noExpression(cursor));
      return cursor.missing();
  }
}

// --- internal ---

function word(cursor: Cursor): Expression {
  const index = cursor.take();
  if (cursor.peek() === Kind.OpenParen) return parseCall(cursor, index);
  const node = cursor.nodeAt(index);
  cursor.height = 1;
  const name = cursor.textAt(index);
  switch (name) {
    case "true":
    case "false":
      return { kind: "bool", ...node, value: name === "true" };
    case "null":
      return { kind: "null", ...node };
    default:
      return { kind: "variable", ...node, name: name.normalize() };
  }
}

function number(cursor: Cursor): Expression {
  const index = cursor.take();
  const node = cursor.nodeAt(index);
  const text = cursor.textAt(index);
  cursor.height = 1;
  if (!/^\d+\.?\d*(?:[eE][+-]?\d+)?$/.test(text)) {
    cursor.fail({
      summary: "Invalid number",
      detail: `"${text}" is no number: it has more than one decimal point or exponent.`,
      hint: "Versions and addresses are written as strings, in quotes.",
      at: node,
    });
  }
  return { kind: "number", ...node, text };
}

function parentheses(cursor: Cursor): Expression {
  const start = cursor.startAt(cursor.take());
  const newlines = cursor.newlines;
  cursor.newlines = false;
  const value = cursor.rules.expression(cursor);
  if (!cursor.recovering && !cursor.accept(Kind.CloseParen)) {
    cursor.fail({
      summary: "Unbalanced parentheses",
      detail: `Here the parenthesis should be closed, but there is ${describeNext(cursor)}.`,
      context: { start, end: cursor.endAt(cursor.nextIndex()) },
    });
  }
  cursor.newlines = newlines;
  cursor.grow(cursor.height);
  return { kind: "parentheses", source: cursor.source, start, end: cursor.lastEnd(), value };
}

function noExpression(cursor: Cursor): Complaint {
  const index = cursor.nextIndex();
  const before = cursor.kindAt(index - 1);
  const found = describeNext(cursor);
  const detail = `A value should stand here, but there is ${found}.`;
  switch (cursor.kindAt(index)) {
    case Kind.Newline:
      return {
        summary: "Invalid expression",
        detail,
        hint:
          before === Kind.Equal
            ? "The value must begin on the line of its equals sign."
            : "An expression goes on in the next line only inside of brackets; parentheses around all of it will do.",
      };
    case Kind.Less:
      return {
        summary: "Invalid expression",
        detail,
        hint:
          cursor.kindAt(index + 1) === Kind.Less
            ? "A heredoc begins with << or <<-, then at once its marker (a name, without quotes), then at once the end of the line."
            : undefined,
      };
    case Kind.Star:
      return {
        summary: "Invalid expression",
        detail,
        hint: before === Kind.Star ? "To raise to a power, call pow(base, exponent)." : undefined,
      };
    case Kind.Dot:
      return { summary: "Invalid expression", detail, hint: "A number begins with a digit: write 0.5, not .5." };
    case Kind.Equal:
      return { summary: "Invalid expression", detail, hint: "To compare, write ==." };
    default:
      return { summary: "Invalid expression", detail };
  }
}
