import { scan } from "../syntax/lexer.ts";
import { Kind } from "../syntax/token.ts";

/** A token with the number of spaces in front of it, which is all that formatting changes. */
export interface FormatToken {
  readonly kind: Kind | "comment";
  readonly text: string;
  /** A comment with # or // holds its line end, as in the reference; so such a comment ends a line too. */
  readonly endsLine: boolean;
  spaces: number;
}

/** All tokens of a text in order, comments among them. */
export function formatTokens(text: string): FormatToken[] {
  const { kinds, starts, ends, comments } = scan(text, "config");
  const result: FormatToken[] = [];
  let nextComment = 0;
  for (let index = 0; index < kinds.length; index++) {
    const kind = kinds[index] ?? Kind.EndOfFile;
    let start = starts[index] ?? text.length;
    for (let comment = comments[nextComment]; comment?.before === index; comment = comments[++nextComment]) {
      const isLine = !text.startsWith("/*", comment.start);
      // The line end goes to the comment.
      const end = isLine && kind === Kind.Newline ? (ends[index] ?? comment.end) : comment.end;
      result.push({ kind: "comment", text: text.slice(comment.start, end), endsLine: end > comment.end, spaces: 0 });
      if (end > comment.end) start = end;
    }
    if (start === ends[index] && kind === Kind.Newline) continue;
    result.push({ kind, text: text.slice(start, ends[index]), endsLine: kind === Kind.Newline, spaces: 0 });
  }
  return result;
}

/** By how much a token changes the number of open brackets. */
export function bracketChange(token: FormatToken): -1 | 0 | 1 {
  switch (token.kind) {
    case Kind.OpenBrace:
    case Kind.OpenBracket:
    case Kind.OpenParen:
    case Kind.OpenInterpolation:
    case Kind.OpenDirective:
      return 1;
    case Kind.CloseBrace:
    case Kind.CloseBracket:
    case Kind.CloseParen:
    case Kind.CloseSequence:
      return -1;
    default:
      return 0;
  }
}

/** Sum of the changes of some tokens. */
export function netBrackets(tokens: readonly FormatToken[]): number {
  return tokens.reduce((sum, token) => sum + bracketChange(token), 0);
}
