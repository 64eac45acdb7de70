import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Diagnostic, didYouMean, fileTrouble } from "@tspack/core";
import { displayPath } from "./display-path.ts";

/** The program's name in a folder. */
export const programName = "image.ts";

/** The file of a program (absolute), given its path or that of its folder; or why there is none. */
export function findProgram(path: string, workingDirectory: string): { readonly file: string } | { readonly diagnostic: Diagnostic } {
  const wanted = resolve(workingDirectory, path);
  const shown = displayPath(wanted, workingDirectory);
  try {
    const stats = statSync(wanted);
    // A pipe or device would be read for ever.
    if (!stats.isDirectory()) return stats.isFile() ? { file: wanted } : missing(`${shown} is not a file.`, undefined);
  } catch (error) {
    const detail = isMissing(error) ? `There is no file or folder ${shown}.` : `${shown} could not be read: ${fileTrouble(error)}.`;
    return missing(
      detail,
      isMissing(error) ? nearName(wanted) : isDenied(error) ? "Check the permissions of the file and of its folders." : undefined,
    );
  }
  const file = join(wanted, programName);
  try {
    if (statSync(file).isFile()) return { file };
    return missing(`${join(shown, programName)} is not a file.`, undefined);
  } catch (error) {
    if (!isMissing(error))
      return missing(`${join(shown, programName)} could not be read: ${fileTrouble(error)}.`, "Check its permissions.");
    return missing(
      `There is neither ${programName} nor an HCL template (.pkr.hcl, .pkr.json) in the folder ${shown}.`,
      otherProgram(wanted),
    );
  }
}

function missing(detail: string, hint: string | undefined): { readonly diagnostic: Diagnostic } {
  return { diagnostic: { severity: "error", code: "TPK1001", summary: "Program not found", detail, hint } };
}

/** A name in the same folder that is much like the wanted one. */
function nearName(wanted: string): string | undefined {
  const names = list(dirname(wanted));
  if (names === undefined) return "Its folder does not exist either.";
  const name = basename(wanted);
  return didYouMean(
    name,
    names.filter((other) => other !== name),
  );
}

/** What a folder without `image.ts` has instead. */
function otherProgram(folder: string): string {
  const names = list(folder) ?? [];
  const near = didYouMean(programName, names);
  if (near !== undefined) return near;
  const program = names.find((name) => /\.m?ts$/.test(name) && !/\.d\.m?ts$/.test(name));
  if (program !== undefined) return `Name the program's file itself, for example ${program}.`;
  const template = names.find((name) => name.endsWith(".json") && !name.endsWith(".pkrvars.json") && name !== "package.json");
  if (template !== undefined) return `A legacy JSON template is named by its file: ${template}, for example.`;
  return "Create one with: tspack new";
}

function list(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    // Nothing to suggest from a folder that cannot be read.
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EACCES";
}
