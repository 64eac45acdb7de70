import { type Cursor, MAX_NESTING } from "./cursor.ts";
import type { Piece } from "./template-pieces.ts";
import type { Expression, TemplatePart } from "./tree.ts";

/**
 * Puts `if` and `for` directives around what they hold, and joins neighbouring text. `height` is the number of directives in each other.
 * Reports those that have no partner.
 */
export function nestDirectives(
  cursor: Cursor,
  pieces: readonly Piece[],
): { readonly parts: readonly TemplatePart[]; readonly height: number } {
  const root: Level = { kind: "root", parts: [] };
  const open: Level[] = [root];
  let height = 0;
  for (const piece of pieces) {
    const level = open[open.length - 1] ?? root;
    switch (piece.kind) {
      case "text":
        addText(level.parts, piece);
        break;
      case "interpolation":
        level.parts.push(piece);
        break;
      case "if":
        open.push({ kind: "if", start: piece.start, end: piece.end, condition: piece.condition, whenTrue: undefined, parts: [] });
        break;
      case "for":
        open.push({ ...piece, parts: [] });
        break;
      case "else":
        if (level.kind === "if" && level.whenTrue === undefined) {
          level.whenTrue = level.parts;
          level.parts = [];
        } else misplaced(cursor, piece, "Unexpected else directive", "An %{ else } belongs to an %{ if … }, which has at most one.");
        break;
      case "endif":
      case "endfor": {
        const closes = piece.kind === "endif" ? "if" : "for";
        if (level.kind !== closes) {
          misplaced(cursor, piece, `Unexpected ${piece.kind} directive`, `There is no %{ ${closes} … } for it to close.`);
          break;
        }
        open.pop();
        (open[open.length - 1] ?? root).parts.push(close(cursor, level, piece.end));
      }
    }
    height = Math.max(height, open.length - 1);
  }
  const unclosed = open[open.length - 1];
  if (unclosed !== undefined && unclosed.kind !== "root") {
    cursor.fail({
      summary: "Unexpected end of template",
      detail: `The %{ ${unclosed.kind} … } directive is not closed before the end of the text.`,
      hint: `Write %{ end${unclosed.kind} } where it ends.`,
      related: { start: unclosed.start, end: unclosed.end, message: "It begins here." },
    });
  }
  // What is nested too deeply is refused, and nobody goes into it.
  if (height > MAX_NESTING) return { parts: [], height: MAX_NESTING + 1 };
  return { parts: root.parts.map(normalize), height };
}

// --- internal ---

type Level = { parts: TemplatePart[] } & (
  | { readonly kind: "root" }
  | {
      readonly kind: "if";
      readonly start: number;
      readonly end: number;
      readonly condition: Expression;
      whenTrue: TemplatePart[] | undefined;
    }
  | {
      readonly kind: "for";
      readonly start: number;
      readonly end: number;
      readonly key?: string | undefined;
      readonly value: string;
      readonly collection: Expression;
    }
);

function close(cursor: Cursor, level: Exclude<Level, { kind: "root" }>, end: number): TemplatePart {
  const place = { source: cursor.source, start: level.start, end };
  const parts = level.parts.map(normalize);
  if (level.kind === "for") {
    return { kind: "for-directive", ...place, key: level.key, value: level.value, collection: level.collection, body: parts };
  }
  const then = level.whenTrue?.map(normalize) ?? parts;
  return { kind: "if", ...place, condition: level.condition, then, otherwise: level.whenTrue === undefined ? [] : parts };
}
interface OpenText {
  kind: "text";
  source: Cursor["source"];
  start: number;
  end: number;
  value: string;
}

/** Adds text to the end, joined with text that is there. */
function addText(parts: TemplatePart[], piece: OpenText): void {
  const last = parts[parts.length - 1];
  if (last?.kind !== "text") parts.push({ kind: "text", source: piece.source, start: piece.start, end: piece.end, value: piece.value });
  else parts[parts.length - 1] = { ...last, end: piece.end, value: last.value + piece.value };
}

/** Joined text in the normal form of values. */
function normalize(part: TemplatePart): TemplatePart {
  if (part.kind !== "text") return part;
  const value = part.value.normalize();
  return value === part.value ? part : { ...part, value };
}

function misplaced(cursor: Cursor, piece: Piece, summary: string, detail: string): void {
  cursor.note({ summary, detail, start: piece.start, end: piece.end });
}
