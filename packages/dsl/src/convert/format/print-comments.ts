import type { ts } from "ts-morph";
import type { Compiler } from "./format-source.ts";
import { emptyLine, hardLine, type Layout, softLine, trailing, verbatim } from "./layout.ts";

/** A comment as it stands in the text. */
export interface FoundComment {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** True if an empty line stands between it and what follows. */
  readonly blankAfter: boolean;
}

/** The comments on lines of their own in front of what starts at `position` (white space included). */
export function leadingComments(compiler: Compiler, source: ts.SourceFile, position: number): readonly FoundComment[] {
  return found(source, compiler.getLeadingCommentRanges(source.text, position) ?? []);
}

/** The comments behind `end` on the same line. */
export function trailingComments(compiler: Compiler, source: ts.SourceFile, end: number): readonly FoundComment[] {
  return found(source, compiler.getTrailingCommentRanges(source.text, end) ?? []);
}

/** Comments on lines of their own between two offsets that hold nothing else. */
export function lastComments(compiler: Compiler, source: ts.SourceFile, start: number, end: number): readonly FoundComment[] {
  return leadingComments(compiler, source, start).filter((comment) => comment.end <= end);
}

/** How comments are laid out around the items of a list. */
export const CommentedList = {
  /** Comments on their own lines, each ended, before an item. */
  before(comments: readonly FoundComment[]): Layout {
    return comments.flatMap(({ text, blankAfter }): Layout[] => [verbatim(text), blankAfter ? emptyLine : hardLine]);
  },
  /** Comments behind an item. */
  behind(comments: readonly FoundComment[]): Layout {
    return comments.map(({ text }) => trailing(text));
  },
  /** Comments on their own lines with nothing behind them. */
  lines(comments: readonly FoundComment[]): Layout {
    return comments.flatMap(({ text, blankAfter }, index): Layout[] => {
      if (index === comments.length - 1) return [verbatim(text), text.startsWith("//") ? [] : softLine];
      return [verbatim(text), blankAfter ? emptyLine : hardLine];
    });
  },
};

// --- internal ---

function found(source: ts.SourceFile, ranges: readonly ts.CommentRange[]): readonly FoundComment[] {
  return ranges.map(({ pos, end }) => ({
    text: source.text.slice(pos, end),
    start: pos,
    end,
    blankAfter: /^[ \t]*\r?\n[ \t]*\r?\n/.test(source.text.slice(end, end + 200)),
  }));
}
