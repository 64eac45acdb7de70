import { readFileSync } from "node:fs";
import { relative } from "node:path";

/** The text of a file of the user, or undefined if it cannot be read (any more). */
export function readSource(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch {
    // It was there when it was bundled; without it there is no place to show.
    return undefined;
  }
}

/** A path as the user would write it: relative to the working directory where that is shorter. */
export function displayPath(file: string, workingDirectory: string): string {
  const short = relative(workingDirectory, file);
  return short !== "" && short.length < file.length ? short : file;
}
