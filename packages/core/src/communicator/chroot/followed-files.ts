import type { Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { CommunicatorError } from "../../diagnostics/error.ts";

/** A file or folder of this machine, with its links followed. */
export interface FollowedFile {
  /** Relative to the folder that is walked, with slashes. */
  readonly path: string;
  readonly file: string;
  readonly stats: Stats;
}

/**
 * Walks a folder as scp does: links stand for what they point to. A folder comes before what is in it; sockets and the like are
 * left out. Throws for a link that leads nowhere, or back into a folder it is in.
 */
export async function* followedFiles(source: string, isExcluded: (path: string) => boolean): AsyncGenerator<FollowedFile, void, undefined> {
  yield* walk(source, "", [await realpath(source).catch(unreadable(source))], isExcluded);
}

async function* walk(
  folder: string,
  prefix: string,
  above: readonly string[],
  isExcluded: (path: string) => boolean,
): AsyncGenerator<FollowedFile, void, undefined> {
  for (const name of (await readdir(folder).catch(unreadable(folder))).sort()) {
    const path = `${prefix}${name}`;
    if (isExcluded(path)) continue;
    const file = join(folder, name);
    const stats = await stat(file).catch(unreadable(file));
    if (stats.isFile()) yield { path, file, stats };
    if (!stats.isDirectory()) continue;
    const real = await realpath(file);
    if (above.includes(real)) throw new CommunicatorError(`${file} is a link to a folder that it is in`, { code: "TPK5005" });
    yield { path, file, stats };
    yield* walk(file, `${path}/`, [...above, real], isExcluded);
  }
}

function unreadable(file: string): (cause: unknown) => never {
  return (cause) => {
    throw new CommunicatorError(`${file} cannot be read`, { code: "TPK5005", cause });
  };
}
