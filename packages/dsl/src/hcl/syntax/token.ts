// The tokens of HCL. Kept as columns of numbers: a file of 100,000 lines has half a million of them.

/** What a token is. Numbers, not text: they are compared in every step of the parser. */
export const Kind = {
  EndOfFile: 0,
  Newline: 1,
  Identifier: 2,
  Number: 3,
  OpenBrace: 4,
  CloseBrace: 5,
  OpenBracket: 6,
  CloseBracket: 7,
  OpenParen: 8,
  CloseParen: 9,
  OpenQuote: 10,
  CloseQuote: 11,
  /** `<<EOT` with its line end. */
  OpenHeredoc: 12,
  /** The closing marker with its indent, without the line end. */
  CloseHeredoc: 13,
  /** A piece of text in quotes, as written. */
  QuotedText: 14,
  /** A piece of text of a heredoc or of a template file: ends behind each line end. */
  PlainText: 15,
  /** `${` or `${~` */
  OpenInterpolation: 16,
  /** `%{` or `%{~` */
  OpenDirective: 17,
  /** `}` or `~}` that ends an interpolation or a directive. */
  CloseSequence: 18,
  Equal: 19,
  Arrow: 20,
  Comma: 21,
  Dot: 22,
  Ellipsis: 23,
  Question: 24,
  Colon: 25,
  Plus: 26,
  Minus: 27,
  Star: 28,
  Slash: 29,
  Percent: 30,
  EqualEqual: 31,
  NotEqual: 32,
  Less: 33,
  LessEqual: 34,
  Greater: 35,
  GreaterEqual: 36,
  And: 37,
  Or: 38,
  Bang: 39,
  /** What is no part of the language. The lexer has reported it. */
  Invalid: 40,
} as const;

export type Kind = (typeof Kind)[keyof typeof Kind];

/** The tokens of a text, in order; the last is always `EndOfFile`. */
export interface Tokens {
  readonly kinds: readonly Kind[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** A comment and the token in front of which it stands. */
export interface CommentToken {
  readonly start: number;
  /** Without the line end. */
  readonly end: number;
  /** Index of the token that follows. */
  readonly before: number;
}
