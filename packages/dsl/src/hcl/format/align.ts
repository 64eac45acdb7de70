import { graphemes } from "../syntax/graphemes.ts";
import type { FormatToken } from "./format-token.ts";
import type { Line } from "./lines.ts";

/** Puts the equals signs of lines that follow each other in one column, and then the comments at their ends. */
export function align(lines: readonly Line[]): void {
  alignCell(
    lines,
    (line) => line.assign[0],
    (line) => width(line.lead),
  );
  alignCell(
    lines,
    (line) => line.comment,
    (line) => width(line.lead) + width(line.assign),
  );
}

// --- internal ---

function alignCell(lines: readonly Line[], cell: (line: Line) => FormatToken | undefined, before: (line: Line) => number): void {
  let chain: { readonly token: FormatToken; readonly column: number }[] = [];
  const finish = (): void => {
    const column = chain.reduce((most, one) => Math.max(most, one.column), 0);
    for (const one of chain) one.token.spaces = column - one.column + 1;
    chain = [];
  };
  for (const line of lines) {
    const token = cell(line);
    if (token === undefined) finish();
    else chain.push({ token, column: before(line) });
  }
  finish();
}

function width(tokens: readonly FormatToken[]): number {
  return tokens.reduce((sum, token) => sum + token.spaces + graphemes(token.text), 0);
}
