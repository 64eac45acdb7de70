// A file that was unpacked from a download, `TARGET`, and beside it what it was unpacked from: the checksum that users give is that of the
// packed file, of which nothing else is left.
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import * as z from "zod";
import { digestFile } from "../checksum/digest.ts";
import { type UnpackOptions, unpack } from "./unpack.ts";

/** Far more than such a note has. */
const LARGEST_NOTE_BYTES = 4096;

/** True if the target was unpacked from the file with that checksum, and is what it was then. */
export async function isUnpackedFrom(target: string, checksum: string, signal: AbortSignal): Promise<boolean> {
  let expected: string;
  try {
    const path = notePath(target);
    if ((await stat(path)).size > LARGEST_NOTE_BYTES || !(await stat(target)).isFile()) return false;
    const note = z.object({ packed: z.string(), sha256: z.string() }).parse(JSON.parse(await readFile(path, "utf8")));
    if (note.packed !== checksum) return false;
    expected = note.sha256;
  } catch {
    // Nothing there, or nothing that can be trusted.
    return false;
  }
  const [actual] = await digestFile(target, ["sha256"], { signal });
  return actual === expected;
}

/** Unpacks a file to the target, which appears when it is whole. `checksum` is that of the packed file, if it has been verified. Throws as `unpack` does. */
export async function unpackTo(
  target: string,
  packed: { readonly path: string; readonly checksum: string | undefined },
  options: UnpackOptions,
): Promise<void> {
  const temporary = `${target}.unpacking`;
  const sha256 = await unpack(packed.path, temporary, options);
  // First the note: with an older file it fits nothing, and does no harm.
  if (packed.checksum === undefined) await rm(notePath(target), { force: true });
  else await writeFile(notePath(target), JSON.stringify({ packed: packed.checksum, sha256 }));
  await rename(temporary, target);
}

// --- internal ---

function notePath(target: string): string {
  return `${target}.unpacked.json`;
}
