import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, fileTrouble } from "@tspack/core";
import { displayPath } from "../../load/display-path.ts";
import { readRegularFile } from "../../load/read-regular-file.ts";

/** The files that make up a configuration. */
export interface TemplateFiles {
  /** Absolute, in the order in which they are read. */
  readonly paths: readonly string[];
  readonly isFolder: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Endings of templates, in the order in which they are read (row FIL-02). */
export const templateSuffixes = [".pkr.hcl", ".pkr.json"];

/** The template files behind a path (absolute): that file, or all of a folder by name, HCL before JSON, without folders inside it. */
export function findTemplateFiles(path: string, workingDirectory: string): TemplateFiles {
  const shown = displayPath(path, workingDirectory);
  let names: string[];
  try {
    const stats = statSync(path);
    // A pipe or device would be read for ever.
    if (stats.isFile()) return { paths: [path], isFolder: false, diagnostics: [] };
    if (!stats.isDirectory()) return failed(`${shown} is neither a file nor a folder.`);
    names = readdirSync(path, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    return failed(`${shown} could not be read: ${fileTrouble(error)}.`);
  }
  const paths = templateSuffixes.flatMap((suffix) => names.filter((name) => name.endsWith(suffix)).map((name) => join(path, name)));
  if (paths.length > 0) return { paths, isFolder: true, diagnostics: [] };
  const near = names.find((name) => /\.(hcl|json)$/.test(name) && !name.includes(".pkrvars.") && !name.includes(".pkrtpl."));
  return {
    ...failed(
      `There is no template in the folder ${shown}: templates end in ${templateSuffixes.join(" or ")}.`,
      near === undefined ? undefined : `Is ${near} one? Then name the file itself, or rename it.`,
    ),
    isFolder: true,
  };
}

/** The bytes of a file, or what kept it from being read. */
export function readBytes(path: string, workingDirectory: string): { readonly bytes: Uint8Array } | { readonly diagnostic: Diagnostic } {
  const shown = displayPath(path, workingDirectory);
  try {
    // In a folder a name may lead to anything.
    return { bytes: readRegularFile(path) };
  } catch (error) {
    return { diagnostic: problem(`${shown} could not be read: ${fileTrouble(error)}.`) };
  }
}

// --- internal ---

function failed(detail: string, hint?: string): TemplateFiles {
  return { paths: [], isFolder: false, diagnostics: [problem(detail, hint)] };
}

function problem(detail: string, hint?: string): Diagnostic {
  return { severity: "error", code: "TPK2002", summary: "Template cannot be read", detail, hint };
}
