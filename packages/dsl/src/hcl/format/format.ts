import { align } from "./align.ts";
import { formatTokens } from "./format-token.ts";
import { indent, toLines } from "./lines.ts";
import { spaceCell } from "./spacing.ts";

/**
 * A text in HCL in its canonical form, as `packer fmt` has it (row CMD-06): spaces between tokens, indentation, equals signs and comments
 * in columns. Only blanks are changed (and a byte order mark removed); text of strings and heredocs, comments, line ends and empty lines stay. Formatting twice changes
 * nothing. The text should have been parsed without errors.
 */
export function formatHcl(text: string): string {
  const lines = toLines(formatTokens(text.startsWith("\ufeff") ? text.slice(1) : text));
  indent(lines);
  for (const line of lines) {
    spaceCell(line.lead);
    spaceCell(line.assign);
    const sign = line.assign[0];
    if (sign !== undefined) sign.spaces = 1;
  }
  align(lines);
  const pieces: string[] = [];
  for (const { lead, assign, comment } of lines) {
    for (const token of [...lead, ...assign, ...(comment === undefined ? [] : [comment])])
      pieces.push(" ".repeat(token.spaces), token.text);
  }
  return pieces.join("");
}
