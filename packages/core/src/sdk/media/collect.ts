// Reading what users name in `cd_files`, `floppy_files` and `floppy_dirs` into a tree. Links are followed (row CDF-01).
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { TspackError } from "../../diagnostics/error.ts";
import { fileTrouble } from "../../files/file-trouble.ts";
import { BadPattern, goGlob } from "../../paths/go-glob.ts";
import { folderIn, type MediaFile, type MediaFolder, type MediaNode, mediaFolder } from "./tree.ts";

/** A guard against folders that nobody meant, such as `/`: far more than any medium for a guest has. */
const LARGEST_NUMBER_OF_FILES = 1_000_000;

/** What one run of collecting shares. */
export interface Collecting {
  readonly workingDirectory: string;
  readonly signal: AbortSignal;
}

/** A path of a list, with its patterns filled in: what the user wrote, and where that is. */
export interface NamedPath {
  readonly text: string;
  readonly path: string;
  /** The option that names it; errors are shown there. */
  readonly option?: string | undefined;
}

/**
 * The paths that an option's list of paths and patterns names, in order (Go's `filepath.Glob`; a pattern that matches nothing gives
 * none). Throws `TspackError` (TPK3105) for a malformed pattern.
 */
export async function expandPaths(option: string, list: readonly string[], workingDirectory: string): Promise<readonly NamedPath[]> {
  const found: NamedPath[] = [];
  for (const text of list) {
    const names = /[*?[]/.test(text) ? await matches(option, text, workingDirectory) : [text];
    found.push(...names.map((name) => ({ text: name, path: resolve(workingDirectory, name), option })));
  }
  return found;
}

/**
 * What is at a path: a file, or a folder with all below it. Throws `TspackError` (TPK3107) when something cannot be read, is neither file nor
 * folder, or lies in a circle of links.
 */
export async function readMedia({ text, path, option }: NamedPath, collecting: Collecting): Promise<MediaNode> {
  return read(path, text, [], { ...collecting, option, count: 0 });
}

/** Adds a folder's content to another; what is there under the same name gives way, folders are merged. */
export function mergeFolder(into: MediaFolder, from: MediaFolder): void {
  for (const [name, node] of from.entries) {
    if (node.kind === "folder") mergeFolder(folderIn(into, name), node);
    else into.entries.set(name, node);
  }
}

/** The name that a path has on a medium: its last part, also for `.` and paths with a slash at their end. */
export function nameOf({ path }: NamedPath): string {
  return basename(path);
}

/** All files below a folder with their paths, in the order of their names. */
export function* filesIn(
  folder: MediaFolder,
  prefix = "",
): Generator<{ readonly path: string; readonly name: string; readonly file: MediaFile }> {
  for (const [name, node] of folder.entries) {
    if (node.kind === "folder") yield* filesIn(node, `${prefix}${name}/`);
    else yield { path: `${prefix}${name}`, name, file: node };
  }
}

// --- internal ---

interface Reading extends Collecting {
  readonly option: string | undefined;
  count: number;
}

async function matches(option: string, pattern: string, workingDirectory: string): Promise<readonly string[]> {
  try {
    return await goGlob(pattern, workingDirectory);
  } catch (error) {
    if (error instanceof BadPattern) throw new TspackError(error.message, { code: "TPK3105", option, cause: error });
    throw error;
  }
}

async function read(path: string, text: string, above: readonly string[], reading: Reading): Promise<MediaNode> {
  reading.signal.throwIfAborted();
  reading.count++;
  const unreadable = (reason: string, cause?: unknown): TspackError =>
    new TspackError(`${text} cannot be put on the medium: ${reason}`, { code: "TPK3107", option: reading.option, cause });
  if (reading.count > LARGEST_NUMBER_OF_FILES) {
    throw unreadable(`there are more than ${LARGEST_NUMBER_OF_FILES} files; is it the folder that was meant?`);
  }
  try {
    const found = await stat(path);
    if (found.isFile()) return { kind: "file", sizeBytes: found.size, source: { path }, isExecutable: (found.mode & 0o111) !== 0 };
    if (!found.isDirectory()) throw unreadable("it is neither a file nor a folder");
    const real = await realpath(path);
    if (above.includes(real)) throw unreadable("symbolic links lead in a circle");
    const folder = mediaFolder();
    for (const name of (await readdir(path)).sort()) {
      folder.entries.set(name, await read(join(path, name), join(text, name), [...above, real], reading));
    }
    return folder;
  } catch (error) {
    if (TspackError.is(error) || reading.signal.aborted) throw error;
    throw unreadable(fileTrouble(error), error);
  }
}
