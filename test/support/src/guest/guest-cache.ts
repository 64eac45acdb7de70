// Where guests for tests are kept once they are made: a folder for each, named by what it was made from.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a guest is made from. */
export interface GuestOrigin {
  readonly name: string;
  /** Files of this folder that make it: with a change in one the guest is made again. */
  readonly sources: readonly string[];
  /** Whatever else decides what comes out. */
  readonly inputs: readonly string[];
}

/** The folder of a guest, whether it has been made or not. */
export function guestFolder({ name, sources, inputs }: GuestOrigin): string {
  const key = createHash("sha256");
  for (const input of inputs) key.update(input).update("\0");
  for (const source of sources) key.update(readFileSync(join(dirname(fileURLToPath(import.meta.url)), source)));
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "tspack-lab");
  return join(cache, `${name}-${key.digest("hex").slice(0, 12)}`);
}

/** The folder of a guest, which `make` fills unless it is there. Several processes may do this at once: the first one to finish counts. */
export function cachedGuest(origin: GuestOrigin, make: (folder: string) => void): string {
  const folder = guestFolder(origin);
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  const made = mkdtempSync(join(dirname(folder), "making-"));
  try {
    make(made);
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
