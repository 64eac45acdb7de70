import { Kind } from "../syntax/token.ts";
import { bracketChange, type FormatToken } from "./format-token.ts";

/** Sets the spaces between the tokens of a cell: none or one, by what stands on both sides. */
export function spaceCell(cell: readonly FormatToken[]): void {
  for (let index = 1; index < cell.length; index++) {
    const left = cell[index - 1];
    const right = cell[index];
    if (left !== undefined && right !== undefined)
      right.spaces = isIndexBehindNumber(left, right, cell[index + 1]) || isSpaced(cell[index - 2], left, right) ? 1 : 0;
  }
}

// --- internal ---

type TokenKind = FormatToken["kind"];

/** In `x.0 .1` the space keeps the indexes apart: without it they would be one number. `packer fmt` takes it away, which breaks the template. */
function isIndexBehindNumber(left: FormatToken, right: FormatToken, after: FormatToken | undefined): boolean {
  return left.kind === Kind.Number && right.kind === Kind.Dot && after?.kind === Kind.Number;
}

/** A space stands between `left` and `right`; `before` stands in front of `left`. The first rule that knows decides. */
function isSpaced(before: FormatToken | undefined, left: FormatToken, right: FormatToken): boolean {
  if (right.kind === Kind.Newline || right.kind === Kind.EndOfFile) return false;
  if (left.kind === Kind.Identifier && right.kind === Kind.OpenParen) return false;
  if (left.kind === Kind.Dot || right.kind === Kind.Dot) return false;
  if (right.kind === Kind.Comma || right.kind === Kind.Ellipsis) return false;
  if (left.kind === Kind.Comma) return true;
  if (touchRight.has(left.kind) || touchLeft.has(right.kind)) return false;
  // `in` behind the name of a `for` is no reference that the bracket would index.
  if (left.text === "in" && left.kind === Kind.Identifier && before?.kind === Kind.Identifier) return true;
  if (right.kind === Kind.OpenBracket && (left.kind === Kind.Identifier || left.kind === Kind.Number || bracketChange(left) < 0))
    return false;
  if (left.kind === Kind.Minus) return before !== undefined && !isSign.has(before.kind);
  if (left.kind === Kind.OpenBrace || right.kind === Kind.CloseBrace) {
    return !(left.kind === Kind.OpenBrace && right.kind === Kind.CloseBrace);
  }
  // So that an object that is all of an interpolation keeps its braces apart from those around it.
  if (isSequenceOpener(left) && right.kind === Kind.OpenBrace) return true;
  if (left.kind === Kind.CloseBrace && right.kind === Kind.CloseSequence) return true;
  if (left.kind === Kind.CloseSequence && isSequenceOpener(right)) return false;
  return bracketChange(left) <= 0 && bracketChange(right) >= 0;
}

function isSequenceOpener(token: FormatToken): boolean {
  return token.kind === Kind.OpenInterpolation || token.kind === Kind.OpenDirective;
}

/** Text of templates is never moved: these touch what is right of them, and the next what is left. */
const touchRight: ReadonlySet<TokenKind> = new Set<TokenKind>([Kind.QuotedText, Kind.PlainText, Kind.OpenQuote, Kind.OpenHeredoc]);
const touchLeft: ReadonlySet<TokenKind> = new Set<TokenKind>([Kind.QuotedText, Kind.PlainText, Kind.CloseQuote, Kind.CloseHeredoc]);

/** A minus behind one of these is a sign, not a subtraction. */
const isSign: ReadonlySet<TokenKind> = new Set<TokenKind>([
  Kind.OpenParen,
  Kind.OpenBrace,
  Kind.OpenBracket,
  Kind.Equal,
  Kind.Colon,
  Kind.Comma,
  Kind.Question,
  Kind.Plus,
  Kind.Star,
  Kind.Slash,
  Kind.Percent,
  Kind.Minus,
  Kind.EqualEqual,
  Kind.NotEqual,
  Kind.Greater,
  Kind.GreaterEqual,
  Kind.Less,
  Kind.LessEqual,
  Kind.And,
  Kind.Or,
  Kind.Bang,
]);
