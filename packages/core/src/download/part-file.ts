// The unfinished file of a download, `TARGET.part`, and beside it what it is a part of, so that a later run can go on.
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import * as z from "zod";

/** What the server said about the file that the part belongs to. */
export interface PartOrigin {
  /** SHA-256 of the URL: the URL itself may hold secrets. */
  readonly urlDigest: string;
  /** A strong ETag or a Last-Modified date: without one nothing proves that the rest belongs to the same file. */
  readonly validator: string;
}

/** What there is of an unfinished download. */
export interface Part {
  readonly path: string;
  readonly sizeBytes: number;
  readonly origin: PartOrigin | undefined;
}

/** Where the part of a download lies: beside its target. */
export function partPath(target: string): string {
  return `${target}.part`;
}

/** What an earlier attempt left; size 0 when there is nothing. */
export async function findPart(target: string): Promise<Part> {
  const path = partPath(target);
  try {
    const [{ size }, origin] = await Promise.all([stat(path), readFile(originPath(target), "utf8")]);
    const parsed = z.object({ urlDigest: z.string(), validator: z.string() }).safeParse(JSON.parse(origin));
    if (parsed.success) return { path, sizeBytes: size, origin: parsed.data };
  } catch {
    // Nothing there, or nothing that can be trusted: start anew.
  }
  return { path, sizeBytes: 0, origin: undefined };
}

/** Notes what the part belongs to; without an origin nothing can be resumed, and an older note goes. */
export async function rememberOrigin(target: string, origin: PartOrigin | undefined): Promise<void> {
  if (origin === undefined) await rm(originPath(target), { force: true });
  else await writeFile(originPath(target), JSON.stringify(origin));
}

/** Removes the part and its note. */
export async function removePart(target: string): Promise<void> {
  await Promise.all([rm(partPath(target), { force: true }), rm(originPath(target), { force: true })]);
}

function originPath(target: string): string {
  return `${partPath(target)}.json`;
}
