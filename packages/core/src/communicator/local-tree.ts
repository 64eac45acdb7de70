import { createReadStream, type Stats } from "node:fs";
import { opendir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { CommunicatorError, errorText } from "../diagnostics/error.ts";
import { throwIfAborted } from "./abort.ts";

/** A file or folder to upload. */
export interface LocalEntry {
  readonly kind: "file" | "directory";
  /** Where it goes, relative to the destination; slashes separate. */
  readonly path: string;
  /** Where it is. */
  readonly file: string;
  /** Permission bits. */
  readonly mode: number;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/**
 * Everything below a local folder, each folder before what is in it, sorted by name. Symbolic links are followed, as Packer
 * does (row CON-08): what arrives is what they point to. Throws `CommunicatorError` TPK5005 for a link that leads nowhere or
 * around in a circle, and for what is neither file nor folder.
 */
export async function* walkLocalTree(tree: {
  readonly source: string;
  /** Put before every path; empty for the contents alone. Unless it is empty, the folder itself comes first. */
  readonly name: string;
  /** Relative to the source; what is below them is left out as well. */
  readonly exclude: readonly string[];
  readonly signal: AbortSignal;
}): AsyncGenerator<LocalEntry, void, undefined> {
  const excluded = new Set(tree.exclude.map((path) => path.replace(/^\.?\/+|\/+$/g, "")));
  const walk = async function* (file: string, path: string, target: Stats, inside: readonly string[]): AsyncGenerator<LocalEntry, void> {
    throwIfAborted(tree.signal);
    const arrival = [tree.name, path].filter((part) => part !== "").join("/");
    const entry = { path: arrival, file, mode: target.mode & 0o7777, sizeBytes: target.size, modifiedMs: target.mtimeMs };
    if (target.isFile()) {
      yield { kind: "file", ...entry };
      return;
    }
    if (!target.isDirectory()) throw failed(file, "it is neither a file nor a folder");
    const real = await realpath(file);
    if (inside.includes(real)) throw failed(file, "it is a symbolic link to a folder around it");
    if (arrival !== "") yield { kind: "directory", ...entry, sizeBytes: 0 };
    const names = (await namesIn(file)).map((name) => ({ name, below: path === "" ? name : `${path}/${name}` }));
    const wanted = names.filter(({ below }) => !excluded.has(below));
    for (let start = 0; start < wanted.length; start += LOOKUPS) {
      const batch = wanted.slice(start, start + LOOKUPS).map(({ name, below }) => ({ file: join(file, name), below }));
      const found = await Promise.all(batch.map(async (next) => ({ ...next, target: await lookUp(next.file) })));
      for (const next of found) yield* walk(next.file, next.below, next.target, [...inside, real]);
    }
  };
  const root = await lookUp(tree.source);
  if (!root.isDirectory()) throw failed(tree.source, "it is not a folder");
  yield* walk(tree.source, "", root, []);
}

/** The content of a file, in pieces that suit a network: 256 KiB, or the whole of a small one. The caller reads or destroys it. */
export function contentOf(entry: LocalEntry): Readable {
  return createReadStream(entry.file, { highWaterMark: Math.max(1, Math.min(entry.sizeBytes, READ_BYTES)) });
}

// --- internal ---

const READ_BYTES = 256 * 1024;
/** Files looked up at once: one after the other costs a turn of the event loop each. */
const LOOKUPS = 64;

async function lookUp(file: string): Promise<Stats> {
  try {
    return await stat(file);
  } catch (error) {
    throw failed(file, errorText(error), error);
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of await opendir(folder)) names.push(name);
  return names.sort();
}

function failed(file: string, reason: string, cause?: unknown): CommunicatorError {
  return new CommunicatorError(`${file}: ${reason}`, { code: "TPK5005", cause });
}
