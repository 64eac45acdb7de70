// What can be said before a build about the files for a CD or floppy.
import { stat } from "node:fs/promises";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { TspackError } from "../../diagnostics/error.ts";
import { fileTrouble } from "../../files/file-trouble.ts";
import type { RunInfo } from "../component.ts";
import { expandPaths } from "./collect.ts";
import { mediaPath } from "./tree.ts";

/** What the checks of options have to know besides the options. */
export interface MediaCheck<Option extends string> {
  /** True if the option is a placeholder: it is then not judged. */
  isUnknown(option: Option): boolean;
  readonly run: RunInfo;
}

/** A list of paths and patterns: each path has to be there, a pattern need not match anything (row CDF-01). */
export async function checkPaths(option: string, list: readonly string[], run: RunInfo): Promise<Diagnostic[]> {
  const problems: Diagnostic[] = [];
  for (const [index, text] of list.entries()) {
    const path = [option, index];
    try {
      for (const named of await expandPaths(option, [text], run.workingDirectory)) await stat(named.path);
    } catch (error) {
      problems.push(
        TspackError.is(error)
          ? { severity: "error", code: "TPK3105", summary: "Invalid argument value", detail: `Of "${option}", ${error.message}.`, path }
          : {
              severity: "error",
              code: "TPK3107",
              summary: "File not found",
              detail: `${JSON.stringify(text)} in "${option}" cannot be read: ${fileTrouble(error)}.`,
              hint: `Relative paths start at ${run.workingDirectory}.`,
              path,
            },
      );
    }
  }
  return problems;
}

/** Paths of texts for the medium: each names a file there, which no other one has or takes for a folder. */
export function checkContent(option: string, content: { readonly [path: string]: string }): Diagnostic[] {
  const files = new Map<string, string>();
  const problems: Diagnostic[] = [];
  const refuse = (path: string, reason: string): void => {
    const detail = `Of "${option}", ${reason}.`;
    problems.push({ severity: "error", code: "TPK3105", summary: "Invalid argument value", detail, path: [option, path] });
  };
  for (const path of Object.keys(content)) {
    try {
      const place = mediaPath(path).join("/");
      const other = files.get(place);
      if (other === undefined) files.set(place, path);
      else refuse(path, `${JSON.stringify(path)} and ${JSON.stringify(other)} are the same file`);
    } catch (error) {
      if (!TspackError.is(error)) throw error;
      refuse(path, error.message);
    }
  }
  for (const [place, path] of files) {
    const file = foldersOf(place).find((folder) => files.has(folder));
    if (file !== undefined) refuse(path, `${JSON.stringify(path)} wants a folder where ${JSON.stringify(files.get(file))} is a file`);
  }
  return problems;
}

/** The name of a volume: printable ASCII characters, so that every guest reads the same. */
export function checkLabel(option: string, label: string, mostCharacters: number): Diagnostic[] {
  const reason =
    label.length > mostCharacters
      ? `has ${label.length} characters, and ${mostCharacters} is the most`
      : /^[\x20-\x7e]*$/.test(label)
        ? undefined
        : "has characters other than printable ASCII ones";
  if (reason === undefined) return [];
  const detail = `The label ${JSON.stringify(label)} in "${option}" ${reason}.`;
  return [{ severity: "error", code: "TPK3105", summary: "Invalid argument value", detail, path: [option] }];
}

// --- internal ---

/** `a` and `a/b` of `a/b/c`. */
function foldersOf(place: string): readonly string[] {
  const parts = place.split("/");
  return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join("/"));
}
