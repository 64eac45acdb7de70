import type { Cursor } from "./cursor.ts";
import { describeNext } from "./describe.ts";
import { nestDirectives } from "./nest-directives.ts";
import { parseForIntroduction } from "./parse-for.ts";
import { decodePlain, decodeQuoted } from "./string-literal.ts";
import { dedent, type Piece, type TextPiece, trimEnd, trimStart } from "./template-pieces.ts";
import { Kind } from "./token.ts";
import type { Template } from "./tree.ts";

/** Quoted text or a heredoc, at its opening token. */
export function template(cursor: Cursor): Template {
  const isHeredoc = cursor.peek() === Kind.OpenHeredoc;
  const open = cursor.take();
  const start = cursor.startAt(open);
  if (!isHeredoc) {
    const parts = contents(cursor, Kind.CloseQuote, open, () => undefined);
    return { kind: "template", source: cursor.source, start, end: cursor.lastEnd(), form: "quoted", parts };
  }
  const opening = cursor.textAt(open).trimEnd();
  const indented = opening.startsWith("<<-");
  const marker = opening.slice(indented ? 3 : 2);
  const parts = contents(cursor, Kind.CloseHeredoc, open, indented ? dedent : () => undefined);
  return { kind: "template", source: cursor.source, start, end: cursor.lastEnd(), form: "heredoc", parts, heredoc: { marker, indented } };
}

/** A whole text as a template. */
export function fileTemplate(cursor: Cursor): Template {
  const parts = contents(cursor, Kind.EndOfFile, undefined, () => undefined);
  return { kind: "template", source: cursor.source, start: 0, end: cursor.source.text.length, form: "file", parts };
}

/** A text in the quotes of JSON, which stands at `place`. */
export function jsonTemplate(cursor: Cursor, place: { readonly start: number; readonly end: number }): Template {
  const parts = contents(cursor, Kind.EndOfFile, undefined, () => undefined);
  return { kind: "template", source: cursor.source, start: place.start, end: place.end, form: "quoted", parts };
}

// --- internal ---

type End = typeof Kind.CloseQuote | typeof Kind.CloseHeredoc | typeof Kind.EndOfFile;

function contents(cursor: Cursor, end: End, open: number | undefined, dress: (pieces: readonly Piece[]) => void): Template["parts"] {
  const newlines = cursor.newlines;
  cursor.newlines = true;
  const pieces: Piece[] = [];
  let height = 0;
  let trimsNext = false;
  while (!cursor.recovering) {
    const kind = cursor.peek();
    if (kind === Kind.QuotedText || kind === Kind.PlainText) {
      const piece = text(cursor);
      if (trimsNext) trimStart(piece);
      trimsNext = false;
      pieces.push(piece);
    } else if (kind === Kind.OpenInterpolation || kind === Kind.OpenDirective) {
      if (cursor.textAt(cursor.index).endsWith("~")) trimEnd(pieces[pieces.length - 1]);
      const opening = cursor.index;
      const piece = kind === Kind.OpenInterpolation ? interpolation(cursor) : directive(cursor);
      height = Math.max(height, cursor.height);
      if (piece !== undefined) pieces.push(piece);
      if (cursor.recovering && end !== Kind.CloseQuote) leaveSequence(cursor, opening);
      trimsNext = cursor.textAt(cursor.index - 1) === "~}";
    } else break;
  }
  dress(pieces);
  if (!cursor.recovering && cursor.peek() !== end) unterminated(cursor, open);
  const nested = nestDirectives(cursor, pieces);
  cursor.grow(height + nested.height);
  if (!cursor.recovering && end !== Kind.EndOfFile) cursor.take();
  cursor.newlines = newlines;
  return nested.parts;
}

function text(cursor: Cursor): TextPiece {
  const isQuoted = cursor.peek() === Kind.QuotedText;
  const index = cursor.take();
  const node = cursor.nodeAt(index);
  const written = cursor.textAt(index);
  const value = isQuoted ? decodeQuoted(written, node.start, (problem) => cursor.note(problem)) : decodePlain(written);
  return { kind: "text", ...node, value };
}

function interpolation(cursor: Cursor): Piece {
  const open = cursor.nodeAt(cursor.take());
  cursor.newlines = false;
  const value = cursor.rules.expression(cursor);
  if (!cursor.recovering) closeSequence(cursor, open, "interpolation");
  cursor.newlines = true;
  return { kind: "interpolation", source: cursor.source, start: open.start, end: cursor.lastEnd(), value };
}

type Place = { readonly start: number; readonly end: number };

function closeSequence(cursor: Cursor, open: Place, what: "interpolation" | "directive"): void {
  if (cursor.accept(Kind.CloseSequence)) return;
  const next = cursor.peek();
  const isUnclosed = next === Kind.EndOfFile || next === Kind.OpenQuote || next === Kind.CloseQuote;
  const context = { start: open.start, end: cursor.endAt(cursor.nextIndex()) };
  if (isUnclosed) {
    cursor.fail({
      summary: `Unclosed template ${what} sequence`,
      detail: `There is no closing brace for this ${what}.`,
      hint: `For literal text, double its first character: "${what === "interpolation" ? "$${" : "%%{"}".`,
      at: open,
      context,
    });
  } else {
    cursor.fail({
      summary: `Extra characters in template ${what}`,
      detail: `Here the ${what} should be closed with a brace, but there is ${describeNext(cursor)}.`,
      context,
    });
  }
}

function directive(cursor: Cursor): Piece | undefined {
  const open = cursor.nodeAt(cursor.take());
  cursor.newlines = false;
  const piece = directiveBody(cursor, open);
  if (!cursor.recovering) closeSequence(cursor, open, "directive");
  cursor.newlines = true;
  return cursor.recovering || piece === undefined ? undefined : { ...piece, end: cursor.lastEnd() };
}

function directiveBody(cursor: Cursor, open: Place): Piece | undefined {
  const place = { source: cursor.source, start: open.start, end: open.end };
  const word = cursor.peekWord();
  cursor.height = 0;
  switch (word) {
    case "else":
    case "endif":
    case "endfor":
      cursor.take();
      return { kind: word, ...place };
    case "if":
      cursor.take();
      return { kind: "if", ...place, condition: cursor.rules.expression(cursor) };
    case "for": {
      cursor.take();
      const { keyName, valueName, collection } = parseForIntroduction(cursor, open.start, "Invalid 'for' directive");
      return { kind: "for", ...place, key: keyName, value: valueName, collection };
    }
    default: {
      const isElseIf = word === "elseif" || word === "elsif" || word === "elif";
      cursor.fail({
        summary: word === undefined ? "Invalid template directive" : "Invalid template control keyword",
        detail: `A directive is one of if, else, endif, for and endfor; here is ${describeNext(cursor)}.`,
        hint: isElseIf
          ? "Write %{ else } and another %{ if … } inside of it, with an %{ endif } of its own."
          : 'For a literal "%{" write "%%{".',
        context: { start: open.start, end: cursor.endAt(cursor.nextIndex()) },
      });
      return undefined;
    }
  }
}

function unterminated(cursor: Cursor, open: number | undefined): void {
  cursor.fail({
    summary: "Unterminated template string",
    detail: "The string is not closed before the end of the text.",
    hint:
      open !== undefined && cursor.kindAt(open) === Kind.OpenHeredoc
        ? "The closing marker of a heredoc stands alone on its line, and a line end follows it, also at the end of the file."
        : undefined,
    related: open === undefined ? undefined : { start: cursor.startAt(open), end: cursor.endAt(open), message: "It begins here." },
  });
}

/** After an error, goes behind the end of the sequence that begins at `opening`, so that the rest of the text is read too. */
function leaveSequence(cursor: Cursor, opening: number): void {
  let depth = 0;
  for (let index = opening; ; index++) {
    const kind = cursor.kindAt(index);
    if (kind === Kind.EndOfFile) return;
    if (kind === Kind.OpenInterpolation || kind === Kind.OpenDirective) depth++;
    else if (kind === Kind.CloseSequence && --depth === 0 && index >= cursor.index) {
      cursor.index = index + 1;
      cursor.recovering = false;
      cursor.isLost = false;
      cursor.newlines = true;
      return;
    } else if (depth === 0 && index >= cursor.index) return;
  }
}
