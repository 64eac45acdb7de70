import { Kind } from "../syntax/token.ts";
import { type FormatToken, netBrackets } from "./format-token.ts";

/** A line in up to three cells: what is in front of the equals sign, the sign with the value, and the comment at the end. */
export interface Line {
  readonly lead: readonly FormatToken[];
  readonly assign: readonly FormatToken[];
  readonly comment: FormatToken | undefined;
}

/** Tokens as lines. A heredoc is one line with what stands in front of it. */
export function toLines(tokens: readonly FormatToken[]): Line[] {
  const lines: Line[] = [];
  let start = 0;
  tokens.forEach((token, index) => {
    if (!token.endsLine && index < tokens.length - 1) return;
    lines.push(toLine(tokens.slice(start, index + 1)));
    start = index + 1;
  });
  return lines;
}

/** Indents each line by two spaces for every earlier line that opened more brackets than it closed and is not closed again. */
export function indent(lines: readonly Line[]): void {
  const levels: number[] = [];
  for (const { lead, assign } of lines) {
    const first = lead[0];
    if (first === undefined || first.kind === Kind.Newline) continue;
    const net = netBrackets(lead) + netBrackets(assign);
    if (net < 0) close(levels, -net);
    first.spaces = 2 * levels.length;
    if (net > 0) levels.push(net);
  }
}

// --- internal ---

function toLine(tokens: readonly FormatToken[]): Line {
  const last = tokens[tokens.length - 1];
  const hasComment = tokens.length > 1 && last?.kind === "comment";
  const rest = hasComment ? tokens.slice(0, -1) : tokens;
  const comment = hasComment ? last : undefined;
  const equal = rest.findIndex((token, index) => index > 0 && token.kind === Kind.Equal);
  // A value that goes on in the next lines is not aligned with others.
  if (equal < 0 || netBrackets(rest.slice(equal)) !== 0) return { lead: rest, assign: [], comment };
  return { lead: rest.slice(0, equal), assign: rest.slice(equal), comment };
}

/** Takes back levels for so many closed brackets; a level may have been opened by several. */
function close(levels: number[], closed: number): void {
  let left = closed;
  while (left > 0) {
    const level = levels.pop();
    if (level === undefined) return;
    if (level > left) levels.push(level - left);
    left -= level;
  }
}
