import { Kind } from "./token.ts";

/** The operator or bracket that begins here, the longest one, or undefined. Braces, quotes, comments and heredocs are not among them. */
export function operatorAt(text: string, at: number): { readonly kind: Kind; readonly length: number } | undefined {
  const found = operators.get(text.charCodeAt(at));
  if (found === undefined) return undefined;
  for (const operator of found) if (operator.length === 1 || text.startsWith(operator.written, at)) return operator;
  return undefined;
}

// --- internal ---

interface Operator {
  readonly written: string;
  readonly kind: Kind;
  readonly length: number;
}

const table: readonly (readonly [string, Kind])[] = [
  ["...", Kind.Ellipsis],
  ["==", Kind.EqualEqual],
  ["=>", Kind.Arrow],
  ["!=", Kind.NotEqual],
  ["<=", Kind.LessEqual],
  [">=", Kind.GreaterEqual],
  ["&&", Kind.And],
  ["||", Kind.Or],
  ["=", Kind.Equal],
  [",", Kind.Comma],
  [".", Kind.Dot],
  ["?", Kind.Question],
  [":", Kind.Colon],
  ["+", Kind.Plus],
  ["-", Kind.Minus],
  ["*", Kind.Star],
  ["/", Kind.Slash],
  ["%", Kind.Percent],
  ["<", Kind.Less],
  [">", Kind.Greater],
  ["!", Kind.Bang],
  ["[", Kind.OpenBracket],
  ["]", Kind.CloseBracket],
  ["(", Kind.OpenParen],
  [")", Kind.CloseParen],
];

/** By the first character, the longer ones first. */
const operators: ReadonlyMap<number, readonly Operator[]> = byFirstCharacter();

function byFirstCharacter(): Map<number, Operator[]> {
  const result = new Map<number, Operator[]>();
  for (const [written, kind] of table) {
    const code = written.charCodeAt(0);
    const list = result.get(code) ?? [];
    list.push({ written, kind, length: written.length });
    result.set(code, list);
  }
  return result;
}
