import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "@tspack/core";
import { displayPath } from "../load/display-path.ts";
import { hclAdvice } from "./file.ts";

/** Kinds of files that are read without being asked for, weakest first. Within a kind the order is that of the names. */
const autoSuffixes = [".auto.pkrvars.json", ".auto.pkrvars.ts"];

/** The variable files that are read because they lie in the folder of the program (row FIL-06). */
export function findAutoFiles(folder: string, workingDirectory: string): { readonly paths: string[]; readonly diagnostics: Diagnostic[] } {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    // A folder that may be entered but not listed: the program itself can be read, so this is no reason to stop.
    return { paths: [], diagnostics: [] };
  }
  const paths = autoSuffixes.flatMap((suffix) => names.filter((name) => name.endsWith(suffix)).map((name) => join(folder, name)));
  const diagnostics = names
    .filter((name) => name.endsWith(".auto.pkrvars.hcl"))
    .map(
      (name): Diagnostic => ({
        severity: "warning",
        code: "TPK1104",
        summary: "Variable file not read",
        detail: `${displayPath(join(folder, name), workingDirectory)} is HCL. ${hclAdvice}`,
        hint: `Write the values as JSON: ${name.replace(/\.hcl$/, ".json")}`,
      }),
    );
  return { paths, diagnostics };
}
