import type { Cursor } from "./cursor.ts";
import { describeNext } from "./describe.ts";
import { Kind } from "./token.ts";
import type { Call, Expression } from "./tree.ts";

/** A call, from its opening parenthesis on; its name is the token `name`. */
export function parseCall(cursor: Cursor, name: number): Call {
  const nameNode = cursor.nodeAt(name);
  const open = cursor.take();
  const newlines = cursor.newlines;
  cursor.newlines = false;
  const args: Expression[] = [];
  let expandsLast = false;
  let height = 0;
  while (!cursor.accept(Kind.CloseParen)) {
    args.push(cursor.rules.expression(cursor));
    height = Math.max(height, cursor.height);
    if (cursor.recovering) break;
    if (cursor.accept(Kind.Comma)) continue;
    if (cursor.accept(Kind.CloseParen)) break;
    if (cursor.peek() === Kind.Ellipsis) {
      const ellipsis = cursor.nodeAt(cursor.take());
      expandsLast = true;
      if (cursor.accept(Kind.CloseParen)) break;
      cursor.fail({
        summary: "Missing closing parenthesis",
        detail: `After an argument that is expanded with "..." the call must end, but there is ${describeNext(cursor)}.`,
        hint: "Only the last argument can be expanded, and no comma follows it.",
        at: ellipsis,
        context: { start: nameNode.start, end: cursor.endAt(cursor.nextIndex()) },
      });
      break;
    }
    if (cursor.peek() === Kind.EndOfFile) {
      cursor.fail({
        summary: "Unterminated function call",
        detail: "The call is not closed before the end of the text.",
        hint: "A closing parenthesis is missing.",
        at: { start: nameNode.start, end: cursor.endAt(open) },
      });
    } else {
      cursor.fail({
        summary: "Missing argument separator",
        detail: `Arguments of a function are separated by commas. After this one there is ${describeNext(cursor)}.`,
        hint: enders.has(cursor.peek()) ? "A closing parenthesis may be missing in front of it." : undefined,
        context: { start: nameNode.start, end: cursor.endAt(cursor.nextIndex()) },
      });
    }
    break;
  }
  cursor.newlines = newlines;
  cursor.grow(height);
  return {
    kind: "call",
    source: cursor.source,
    start: nameNode.start,
    end: cursor.lastEnd(),
    name: cursor.textAt(name).normalize(),
    nameNode,
    args,
    expandsLast,
  };
}

// --- internal ---

/** What ends something around the call. */
const enders: ReadonlySet<Kind> = new Set<Kind>([Kind.CloseSequence, Kind.CloseBrace, Kind.CloseBracket, Kind.Equal]);
