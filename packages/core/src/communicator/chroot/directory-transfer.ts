import { basename, dirname } from "node:path";
import type { DirectoryTransfer } from "../../sdk/communicator.ts";

/** rsync's rule (row FP-07): without a trailing slash on the source, the folder itself is transferred. */
export function targetOf({ source, destination }: DirectoryTransfer): string {
  const target = /[\\/]$/.test(source) ? destination : `${destination.replace(/[\\/]+$/, "")}/${basename(source)}`;
  return target.length > 1 ? target.replace(/[\\/]+$/, "") : target;
}

/** Tells which paths, relative to the source, a transfer leaves out: those named, and all below them. */
export function excluder(exclude: readonly string[] | undefined): (path: string) => boolean {
  const left = new Set((exclude ?? []).map((path) => path.replace(/^\.?\/+|\/+$/g, "")));
  return (path) => {
    for (let part = path; part !== "." && part !== "/"; part = dirname(part)) if (left.has(part)) return true;
    return false;
  };
}
