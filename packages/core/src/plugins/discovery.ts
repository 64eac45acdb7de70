// Finds the files of plugins, without running any (plugin-protocol section 13).
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ComponentKind } from "../sdk/component.ts";
import type { PluginDirectory } from "./directories.ts";
import { type PluginPlatform, parsePluginFileName } from "./file-name.ts";

/** A plugin that was installed under its source address. */
export interface InstalledFile {
  readonly file: string;
  /** `github.com/hashicorp/amazon`. */
  readonly source: string;
  readonly name: string;
  /** As the file's name says it, without `v`. */
  readonly version: string;
  /** `x5.0`. */
  readonly api: string;
}

/** A plugin without a version. */
export interface PlainFile {
  readonly file: string;
  readonly name: string;
}

/** A plugin of one component. */
export interface SingleFile {
  readonly file: string;
  readonly kind: ComponentKind;
  readonly type: string;
}

/** All files that are plugins by their name and fit this platform. Files of one kind stand in the order of the folders. */
export interface DiscoveredFiles {
  readonly installed: readonly InstalledFile[];
  readonly plain: readonly PlainFile[];
  readonly single: readonly SingleFile[];
}

/** A source address has 3 to 16 parts (row PLG-01). */
const FEWEST_PARTS = 3;
const MOST_PARTS = 16;

/** Looks through the folders. One that is missing or cannot be read holds nothing. */
export async function discoverFiles(directories: readonly PluginDirectory[], platform: PluginPlatform): Promise<DiscoveredFiles> {
  const found = { installed: [] as InstalledFile[], plain: [] as PlainFile[], single: [] as SingleFile[] };
  for (const directory of directories) {
    const entries = await entriesOf(directory.path);
    if (directory.hasUnverified) {
      for (const entry of entries) {
        const name = parsePluginFileName(entry.name, platform);
        const file = join(directory.path, entry.name);
        if (name === undefined || name.form === "installed" || !(await isFile(entry, file))) continue;
        if (name.form === "single") found.single.push({ file, kind: name.kind, type: name.type });
        else found.plain.push({ file, name: name.name });
      }
    }
    if (directory.hasInstalled) await findInstalled(directory.path, entries, [], platform, found.installed);
  }
  return found;
}

// --- internal ---

async function findInstalled(
  folder: string,
  entries: readonly Dirent[],
  parts: readonly string[],
  platform: PluginPlatform,
  found: InstalledFile[],
): Promise<void> {
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // Links to folders are not followed: they may lead in circles.
    if (entry.isDirectory()) {
      if (parts.length < MOST_PARTS) await findInstalled(path, await entriesOf(path), [...parts, entry.name], platform, found);
      continue;
    }
    if (parts.length < FEWEST_PARTS) continue;
    const name = parsePluginFileName(entry.name, platform);
    if (name?.form !== "installed") continue;
    if (name.platform.os !== platform.os || name.platform.architecture !== platform.architecture) continue;
    if (await isFile(entry, path))
      found.push({ file: path, source: parts.join("/"), name: name.name, version: name.version, api: name.api });
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  } catch {
    // Not there, or not ours to read: as good as empty.
    return [];
  }
}

/** A link counts as what it leads to. */
async function isFile(entry: Dirent, path: string): Promise<boolean> {
  return entry.isFile() || (entry.isSymbolicLink() && (await stat(path).catch(() => undefined))?.isFile() === true);
}
