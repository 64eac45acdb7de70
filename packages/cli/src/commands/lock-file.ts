import { statSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where the lock file of a program is: beside it. */
export function lockFileOf(program: string, name: string): string {
  const isFolder = statSync(program, { throwIfNoEntry: false })?.isDirectory() === true;
  return join(isFolder ? program : dirname(program), name);
}
