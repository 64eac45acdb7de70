import { readdirSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { type Diagnostic, type SourceRange, suggest } from "@tspack/core";
import type { Location, Message } from "esbuild";
import { missingFile } from "./bundle.ts";
import { displayPath } from "./display-path.ts";

/** What esbuild has against the program of `folder`, as diagnostics at the user's lines. */
export function syntaxDiagnostics(errors: readonly Message[], folder: string, workingDirectory: string): Diagnostic[] {
  return errors.map(({ text, location, notes }) => {
    const unresolved = text === missingFile ? importAt(location) : /^Could not resolve "(.+?)"/.exec(text)?.[1];
    const at = location === null ? undefined : sourceRange(location, folder, workingDirectory);
    return {
      severity: "error",
      code: "TPK1002",
      summary: unresolved === undefined ? "Syntax error" : "Import not found",
      detail: unresolved === undefined ? sentence(text) : `"${unresolved}" does not exist.`,
      hint:
        unresolved !== undefined && location !== null
          ? nearImport(unresolved, dirname(resolve(folder, location.file)))
          : notes.find((note) => note.location === null)?.text,
      subject: at,
      related: notes.flatMap((note) =>
        note.location === null ? [] : [{ at: sourceRange(note.location, folder, workingDirectory), message: note.text }],
      ),
    };
  });
}

/** esbuild counts columns in bytes from 0; we count UTF-16 units from 1. */
function sourceRange({ file, line, column, length, lineText }: Location, folder: string, workingDirectory: string): SourceRange {
  const bytes = Buffer.from(lineText);
  const units = (end: number): number => bytes.toString("utf8", 0, end).length + 1;
  return {
    file: displayPath(resolve(folder, file), workingDirectory),
    start: { line, column: units(column) },
    end: { line, column: Math.max(units(column + length), units(column) + 1) },
  };
}

/** What stands between the quotes at the place of an import. */
function importAt(location: Location | null): string | undefined {
  if (location === null) return undefined;
  const bytes = Buffer.from(location.lineText);
  return bytes.toString("utf8", location.column + 1, location.column + location.length - 1);
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** The file that was probably meant by a relative import. */
function nearImport(specifier: string, folder: string): string | undefined {
  const wanted = resolve(folder, specifier);
  let names: string[];
  try {
    names = readdirSync(dirname(wanted));
  } catch {
    return `There is no folder ${join(dirname(specifier))} beside the file.`;
  }
  const name = basename(wanted);
  const sameLetters = names.find((other) => withoutExtension(other).toLowerCase() === withoutExtension(name).toLowerCase());
  const near = sameLetters ?? suggest(name, names);
  if (near === undefined) return undefined;
  const path = `${dirname(specifier) === "." ? "." : dirname(specifier)}/${near}`;
  return sameLetters !== undefined && withoutExtension(near) !== withoutExtension(name)
    ? `The file is named "${near}", with other capital letters: import "${path}".`
    : `Did you mean "${path}"?`;
}

function withoutExtension(name: string): string {
  return name.slice(0, name.length - extname(name).length);
}
