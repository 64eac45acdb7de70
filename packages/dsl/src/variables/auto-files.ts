import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Kinds of files that are read without being asked for, weakest first. Within a kind the order is that of the names. */
const autoSuffixes = [".auto.pkrvars.hcl", ".auto.pkrvars.json", ".auto.pkrvars.ts"];

/** The variable files that are read because they lie in the folder of the program (row FIL-06), as absolute paths. */
export function findAutoFiles(folder: string, suffixes: readonly string[] = autoSuffixes): readonly string[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    // A folder that may be entered but not listed: the program itself can be read, so this is no reason to stop.
    return [];
  }
  return suffixes.flatMap((suffix) => names.filter((name) => name.endsWith(suffix)).map((name) => join(folder, name)));
}
