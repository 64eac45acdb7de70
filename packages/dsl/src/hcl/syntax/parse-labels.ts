import type { Cursor } from "./cursor.ts";
import { describeNext } from "./describe.ts";
import { decodeQuoted } from "./string-literal.ts";
import { Kind } from "./token.ts";
import type { Label, Node } from "./tree.ts";

/** The labels of a block, up to its opening brace, which is not taken. They are plain strings or bare names. */
export function parseLabels(cursor: Cursor, type: Node): Label[] {
  const labels: Label[] = [];
  while (!cursor.recovering) {
    const kind = cursor.peek();
    if (kind === Kind.OpenBrace) break;
    if (kind === Kind.Identifier) {
      const index = cursor.take();
      labels.push({ ...cursor.nodeAt(index), text: cursor.textAt(index).normalize() });
    } else if (kind === Kind.OpenQuote) labels.push(quotedLabel(cursor));
    else {
      cursor.fail({
        summary: "Invalid block definition",
        detail:
          kind === Kind.Equal
            ? "An equals sign belongs to an argument, but labels were given, as to a block."
            : `A block is a type, labels in quotes, and an opening brace on the same line, but there is ${describeNext(cursor)}.`,
        hint: kind === Kind.Newline ? "Put the opening brace on the line of the block's type." : undefined,
        context: { start: type.start, end: cursor.endAt(cursor.index) },
      });
    }
  }
  return labels;
}

// --- internal ---

function quotedLabel(cursor: Cursor): Label {
  const start = cursor.startAt(cursor.take());
  let text = "";
  while (cursor.peek() === Kind.QuotedText) {
    const index = cursor.take();
    text += decodeQuoted(cursor.textAt(index), cursor.startAt(index), (problem) => cursor.note(problem));
  }
  if (!cursor.accept(Kind.CloseQuote)) {
    const isSequence = cursor.peek() === Kind.OpenInterpolation || cursor.peek() === Kind.OpenDirective;
    cursor.fail({
      summary: isSequence ? "Invalid string literal" : "Unterminated string literal",
      detail: isSequence
        ? "A label is fixed text, in which no template is allowed."
        : "The label is not closed before the end of the text.",
      hint: isSequence
        ? `For literal text, double its first character: "${cursor.textAt(cursor.index)[0]}${cursor.textAt(cursor.index)}".`
        : undefined,
      context: { start, end: cursor.endAt(cursor.index) },
    });
  }
  return { source: cursor.source, start, end: cursor.lastEnd(), text: text.normalize() };
}
