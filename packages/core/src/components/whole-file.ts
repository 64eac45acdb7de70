import { randomUUID } from "node:crypto";
import { chmod, lstat, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Writes a file that is either there whole or not at all: `write` gets a path beside the target, and the result is moved
 * there. Folders are made; a file that is replaced keeps its mode. Something that is not a plain file (a device, a link) is
 * written to directly. When `write` throws, what it wrote is removed.
 */
export async function writeWholeFile(path: string, write: (path: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const existing = await lstat(path).catch(() => undefined);
  if (existing !== undefined && !existing.isFile()) return write(path);
  const beside = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await write(beside);
    if (existing !== undefined) await chmod(beside, existing.mode & 0o7777);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
