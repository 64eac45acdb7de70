import type { Expression, Node } from "./tree.ts";

/** What a template is read as at first: a flat row, directives not yet put around what they hold. */
export type Piece =
  | TextPiece
  | ({ readonly kind: "interpolation"; readonly value: Expression } & Node)
  | ({ readonly kind: "if"; readonly condition: Expression } & Node)
  | ({ readonly kind: "for"; readonly key?: string | undefined; readonly value: string; readonly collection: Expression } & Node)
  | ({ readonly kind: "else" | "endif" | "endfor" } & Node);

/** A stretch of text of at most one line, its escapes resolved. Trimming and dedenting change its value. */
export interface TextPiece extends Node {
  readonly kind: "text";
  value: string;
}

/** Removes white space at the end, for a `{~` behind it. */
export function trimEnd(piece: Piece | undefined): void {
  if (piece?.kind === "text") piece.value = piece.value.replace(trailingSpace, "");
}

/** Removes white space at the beginning, for a `~}` in front of it. */
export function trimStart(piece: TextPiece): void {
  piece.value = piece.value.slice(leadingSpace(piece.value).length);
}

/**
 * Removes the indent that all lines share, for `<<-`. Measured on the pieces after trimming, as the reference does: a line counts
 * when its first piece stands behind a line end that is still there. Lines of blanks alone neither count nor change.
 */
export function dedent(pieces: readonly Piece[]): void {
  const indented: TextPiece[] = [];
  let smallest = Number.POSITIVE_INFINITY;
  let isLineStart = true;
  for (const piece of pieces) {
    if (isLineStart) {
      if (piece.kind !== "text") smallest = 0;
      else {
        const indent = leadingSpace(piece.value);
        if (indent.length < piece.value.length || !piece.value.endsWith("\n")) {
          smallest = Math.min(smallest, characters(indent).length);
          indented.push(piece);
        }
      }
    }
    isLineStart = piece.kind === "text" && piece.value.endsWith("\n");
  }
  if (smallest === 0) return;
  for (const piece of indented) {
    piece.value = piece.value.slice(characters(leadingSpace(piece.value)).slice(0, smallest).join("").length);
  }
}

// --- internal ---

// White space as Go's unicode package has it: with U+0085, without the byte order mark.
const space = "[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const leadingPattern = new RegExp(`^${space}*`);
const trailingSpace = new RegExp(`(?<!${space})${space}+$`);

function leadingSpace(text: string): string {
  return leadingPattern.exec(text)?.[0] ?? "";
}

/** White space as characters, in which CR LF is one. */
function characters(text: string): string[] {
  return text.includes("\r\n") ? (text.match(/\r\n|[\s\S]/g) ?? []) : [...text];
}
