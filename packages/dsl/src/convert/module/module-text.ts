import type { Imports } from "../expression/imports.ts";
import { type Compiler, formatSource } from "../format/format-source.ts";
import { type Remark, remarkLines, type Statement } from "./pieces.ts";

/** A module before it is text. */
export interface Module {
  /** Comment at the head of the file, set off from what follows. */
  readonly header: readonly Remark[];
  readonly imports: Imports;
  readonly statements: readonly Statement[];
  /** Comments behind the last statement. */
  readonly dangling: readonly Remark[];
}

/** The text of a module, formatted: header, imports, statements. */
export function moduleText(compiler: Compiler, { header, imports, statements, dangling }: Module): string {
  const head = header.length === 0 ? "" : `${remarkLines(header).trimEnd()}\n\n`;
  const body = statements.map(({ leading = [], trailing, text, blankBefore = false, after = [] }, index) => {
    const isSpaced = index > 0 && (blankBefore || leading.length > 0);
    return `${isSpaced ? "\n" : ""}${remarkLines(leading)}${text}${trailing === undefined ? "" : ` ${trailing}`}\n${after.length === 0 ? "" : `\n${remarkLines(after)}\n`}`;
  });
  const rest = dangling.length === 0 ? "" : `\n${remarkLines(dangling)}`;
  return formatSource(compiler, `${head}${imports.declarations().join("\n")}\n\n${body.join("")}${rest}`);
}
