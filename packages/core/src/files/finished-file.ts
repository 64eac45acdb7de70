// Files that appear under their name only when they are whole.
import { randomUUID } from "node:crypto";
import { mkdir, realpath, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Lets `write` make a file beside `path` and moves it there when it is done; what was there is replaced, and a symbolic link
 * keeps pointing, or with `followsLink: false` is replaced itself. Missing folders are made. If `write` fails, neither the file nor a
 * folder made for it is left.
 */
export async function writeFinishedFile(
  path: string,
  write: (temporary: string) => Promise<void>,
  { followsLink = true }: { readonly followsLink?: boolean } = {},
): Promise<void> {
  const target = followsLink ? await realpath(path).catch(() => path) : path;
  const folder = dirname(target);
  const madeFrom = await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(target)}.${randomUUID()}`);
  try {
    await write(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    if (madeFrom !== undefined) await removeEmpty(folder, madeFrom);
    throw error;
  }
}

/** Removes folders from `folder` up to `last`, as long as nobody has put anything there. */
async function removeEmpty(folder: string, last: string): Promise<void> {
  for (let current = folder; current.length >= last.length; current = dirname(current)) {
    try {
      await rmdir(current);
    } catch {
      // Somebody else uses it by now.
      return;
    }
  }
}
