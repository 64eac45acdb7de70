import { errorText } from "@tspack/core";
import type { Imports } from "../expression/imports.ts";
import { type Compiler, formatParsed, formatSource, parseSource } from "../format/format-source.ts";
import { namesIn } from "../format/used-names.ts";
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

/** A module as text. */
export interface ModuleText {
  readonly text: string;
  /** Constants that nothing uses, and that are exported for that reason alone. */
  readonly unused: readonly string[];
  /** Why the text could not be formatted. */
  readonly problem?: string | undefined;
}

/** The text of a module, formatted: header, the imports that are used, statements. */
export function moduleText(compiler: Compiler, module: Module): ModuleText {
  const { imports, statements } = module;
  // Parsed once: the tree tells which names are used, and is printed.
  const body = parseSource(compiler, bodyText(module));
  const used = namesIn(compiler, body);
  const unused = statements.flatMap(({ declares, text }) => {
    return declares === undefined || used.has(declares) || text.startsWith("export ") ? [] : [declares];
  });
  const exported = new Set(unused);
  const top = topText(module.header, imports.declarations(used));
  try {
    const parts = [formatSource(compiler, top), formatParsed(compiler, body, { exported })].map((part) => part.trim());
    return { text: `${parts.filter((part) => part !== "").join("\n\n")}\n`, unused };
  } catch (error) {
    // A fault of ours, or nesting deeper than the parser bears: the user still gets what there is, and is told.
    return { text: `${top}${bodyText(module, exported)}`, unused, problem: errorText(error) };
  }
}

// --- internal ---

function topText(header: readonly Remark[], imports: readonly string[]): string {
  const head = header.length === 0 ? "" : `${remarkLines(header).trimEnd()}\n\n`;
  return `${head}${imports.join("\n")}\n\n`;
}

function bodyText({ statements, dangling }: Module, exported: ReadonlySet<string> = new Set()): string {
  const body = statements.map(({ leading = [], trailing, text, declares, blankBefore = false, after = [] }, index) => {
    const isSpaced = index > 0 && (blankBefore || leading.length > 0);
    const statement = `${declares !== undefined && exported.has(declares) ? "export " : ""}${text}${trailing === undefined ? "" : ` ${trailing}`}`;
    const behind = after.length === 0 ? "" : `\n${remarkLines(after)}\n`;
    return `${isSpaced ? "\n" : ""}${remarkLines(leading)}${statement}\n${behind}`;
  });
  const rest = dangling.length === 0 ? "" : `\n${remarkLines(dangling)}`;
  return `${body.join("")}${rest}`;
}
