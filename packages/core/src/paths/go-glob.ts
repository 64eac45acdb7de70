import { lstat, readdir, stat } from "node:fs/promises";
import { posix, resolve } from "node:path";
import { compileGoPattern, hasGoMeta } from "./go-match.ts";

/** A pattern that Go's `filepath.Match` would refuse. */
export class BadPattern extends Error {
  constructor(pattern: string) {
    super(`${JSON.stringify(pattern)} is not a valid pattern`);
    this.name = "BadPattern";
  }
}

/**
 * Paths that match, as Go's `filepath.Glob` finds them: sorted within each folder, relative where the pattern is, starting at
 * `workingDirectory`. Folders that cannot be read count as empty, and nothing found is an empty list. Throws `BadPattern`.
 */
export async function goGlob(pattern: string, workingDirectory: string): Promise<readonly string[]> {
  if (compileGoPattern(pattern) === undefined) throw new BadPattern(pattern);
  if (!hasGoMeta(pattern)) return (await exists(resolve(workingDirectory, pattern))) ? [pattern] : [];
  const cut = pattern.lastIndexOf("/") + 1;
  const folder = cleanFolder(pattern.slice(0, cut));
  const name = pattern.slice(cut);
  const folders = hasGoMeta(folder) ? await goGlob(folder, workingDirectory) : [folder];
  const matcher = compileGoPattern(name);
  if (matcher === undefined) throw new BadPattern(pattern);
  const found: string[] = [];
  for (const each of folders) {
    const names = await namesIn(resolve(workingDirectory, each));
    found.push(...names.filter((entry) => matcher.test(entry)).map((entry) => posix.join(each, entry)));
  }
  return found;
}

function cleanFolder(folder: string): string {
  if (folder === "") return ".";
  return folder === "/" ? folder : folder.slice(0, -1);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    if (!(await stat(folder)).isDirectory()) return [];
    return (await readdir(folder)).sort();
  } catch {
    // Go's Glob ignores file system errors as well.
    return [];
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
