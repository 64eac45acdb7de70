// What was found out about plugins, kept between runs. The folder may be one that several users share (`PACKER_CACHE_DIR`), and what is
// read here decides which archives are believed: an entry counts only when nobody else can have written it.
import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFinishedFile } from "../files/finished-file.ts";

/** Far more than any entry has. */
const LARGEST_BYTES = 64 * 1024 * 1024;

/** The content of an entry; undefined when there is none, or one that somebody else may have written. */
export async function recall(path: string): Promise<Buffer | undefined> {
  return withOwn(path, async (file, sizeBytes) => (sizeBytes > LARGEST_BYTES ? undefined : file.readFile()));
}

/** Size and age of an entry; undefined as for `recall`. */
export async function recallAge(path: string): Promise<{ readonly sizeBytes: number; readonly writtenAtMs: number } | undefined> {
  return withOwn(path, async (file, sizeBytes) => ({ sizeBytes, writtenAtMs: (await file.stat()).mtimeMs }));
}

/** Keeps an entry, for this user alone; a link in its place is replaced and not followed. Rejects when it cannot be written. */
export async function remember(path: string, content: Buffer | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const write = async (temporary: string): Promise<void> => {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
  };
  await writeFinishedFile(path, write, { followsLink: false });
}

// --- internal ---

async function withOwn<T>(path: string, read: (file: FileHandle, sizeBytes: number) => Promise<T>): Promise<T | undefined> {
  let file: FileHandle | undefined;
  try {
    // A pipe in its place must not keep us waiting. Windows has no such flag, and no such pipes.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const { uid, mode, size } = await file.stat();
    const isFile = (mode & constants.S_IFMT) === constants.S_IFREG;
    return isFile && isOwn(uid, mode) ? await read(file, size) : undefined;
  } catch {
    // Not there, or not to be read: as good as nothing.
    return undefined;
  } finally {
    await file?.close();
  }
}

/** Windows keeps a user's folders from others by itself. */
function isOwn(uid: number, mode: number): boolean {
  const self = process.geteuid?.();
  return self === undefined || ((uid === self || uid === 0) && (mode & 0o022) === 0);
}
