// `tspack.lock`: which version of each plugin a program is built with, and what its files have to be.
import { readFile, writeFile } from "node:fs/promises";
import * as z from "zod";
import { errorText, PluginError } from "../../diagnostics/error.ts";
import { writeFinishedFile } from "../../files/finished-file.ts";
import { isCanonicalVersion } from "../file-name.ts";
import { isSameAddress } from "./address.ts";
import type { ArchiveDigests } from "./find-release.ts";

/** Name of the file, beside the program. */
export const LOCK_FILE_NAME = "tspack.lock";

/** A plugin in the lock file. */
export interface LockedPlugin {
  /** Without `v`. */
  readonly version: string;
  /** Version of the plugin protocol: `5.0`. */
  readonly protocol: string;
  /** SHA-256 of the published archives of all platforms; none for a plugin that was installed in another way. */
  readonly archives: ArchiveDigests;
  /** SHA-256 of the executables, of the platforms that somebody has installed them on. */
  readonly binaries: ArchiveDigests;
}

/** Locked plugins by address. */
export type LockFile = { readonly [source: string]: LockedPlugin };

const VERSION = 1;

/** Reads a lock file; undefined when there is none. Throws `PluginError` (TPK4008) for one that cannot be understood. */
export async function readLockFile(path: string): Promise<LockFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new PluginError(`${path} could not be read: ${errorText(cause)}`, { code: "TPK4008", cause });
  }
  try {
    const digests = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));
    const plugin = z.strictObject({
      version: z.string().refine(isCanonicalVersion),
      protocol: z.string().regex(/^\d+\.\d+$/),
      archives: digests,
      binaries: digests,
    });
    return z.strictObject({ lockVersion: z.literal(VERSION), plugins: z.record(z.string(), plugin) }).parse(JSON.parse(text)).plugins;
  } catch (cause) {
    throw new PluginError(`${path} is no lock file that this version understands`, {
      code: "TPK4008",
      cause,
      hint: "Take it back from version control, or delete it and run `tspack init`, which writes it anew.",
    });
  }
}

/** Writes a lock file unless it says the same already; the same plugins always give the same text. */
export async function writeLockFile(path: string, plugins: LockFile): Promise<void> {
  const text = lockFileText(plugins);
  if ((await readFile(path, "utf8").catch(() => undefined)) === text) return;
  try {
    await writeFinishedFile(path, (temporary) => writeFile(temporary, text));
  } catch (cause) {
    throw new PluginError(`${path} could not be written: ${errorText(cause)}`, { code: "TPK4008", cause });
  }
}

/** The entry of an address. */
export function lockedPlugin(lock: LockFile | undefined, source: string): LockedPlugin | undefined {
  return Object.entries(lock ?? {}).find(([key]) => isSameAddress(key, source))?.[1];
}

/** The entry with what has become known of a version: what was known of the same version stays. */
export function mergedEntry(before: LockedPlugin | undefined, now: LockedPlugin): LockedPlugin {
  if (before?.version !== now.version) return now;
  return { ...now, archives: { ...before.archives, ...now.archives }, binaries: { ...before.binaries, ...now.binaries } };
}

// --- internal ---

function lockFileText(plugins: LockFile): string {
  const entries = sorted(plugins).map(([source, { archives, binaries, protocol, version }]) => [
    source,
    { archives: Object.fromEntries(sorted(archives)), binaries: Object.fromEntries(sorted(binaries)), protocol, version },
  ]);
  return `${JSON.stringify({ lockVersion: VERSION, plugins: Object.fromEntries(entries) }, undefined, 2)}\n`;
}

function sorted<T>(record: { readonly [key: string]: T }): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
