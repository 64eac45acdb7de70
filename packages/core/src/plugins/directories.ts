// Where plugins are looked for (rows CFG-05 to CFG-07, plugin-protocol section 13.1).
import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { cacheDirectory } from "../download/cache-directory.ts";

/** What decides where plugins are. */
export interface PluginPlaces {
  readonly environment: { readonly [name: string]: string | undefined };
  /** Relative entries of PACKER_PLUGIN_PATH start here. Absolute. */
  readonly workingDirectory: string;
  /** Folder of the program that runs; single components may lie beside it. */
  readonly executableDirectory?: string | undefined;
}

/** A folder with plugins. */
export interface PluginDirectory {
  readonly path: string;
  /** Installed plugins lie below it, in folders named by their source. */
  readonly hasInstalled: boolean;
  /** Single components and plugins without a version lie right in it: the user put them there. */
  readonly hasUnverified: boolean;
}

/**
 * The folders, first those that win. `PACKER_PLUGIN_PATH` (unlike Packer's it may list several) stands in place of the configuration
 * folder's `plugins`.
 */
export function pluginDirectories(places: PluginPlaces): readonly PluginDirectory[] {
  const { environment, workingDirectory, executableDirectory } = places;
  const entries = (environment.PACKER_PLUGIN_PATH ?? "").split(delimiter).filter((path) => path !== "");
  const listed = [...new Set(entries.map((path) => resolve(workingDirectory, path)))];
  const directories: PluginDirectory[] = [];
  if (executableDirectory !== undefined) directories.push({ path: executableDirectory, hasInstalled: false, hasUnverified: true });
  for (const path of listed) directories.push({ path, hasInstalled: true, hasUnverified: true });
  const configured = listed.length > 0 ? undefined : configurationDirectory(environment, workingDirectory);
  if (configured !== undefined) directories.push({ path: join(configured, "plugins"), hasInstalled: true, hasUnverified: false });
  return directories;
}

/** Packer's configuration folder; undefined where the environment names none and there is no home. */
export function configurationDirectory(environment: PluginPlaces["environment"], workingDirectory: string): string | undefined {
  const chosen = environment.PACKER_CONFIG_DIR;
  if (process.platform === "win32") {
    if (chosen) return resolve(workingDirectory, chosen, "packer.d");
    return environment.APPDATA ? join(environment.APPDATA, "packer.d") : undefined;
  }
  if (chosen) return resolve(workingDirectory, chosen, ".packer.d");
  const home = environment.HOME || undefined;
  if (home !== undefined && existsSync(join(home, ".packer.d"))) return join(home, ".packer.d");
  if (environment.XDG_CONFIG_HOME) return resolve(workingDirectory, environment.XDG_CONFIG_HOME, "packer");
  return home === undefined ? undefined : join(home, ".config", "packer");
}

/** Where tspack keeps what it found out about plugins. */
export function pluginCacheDirectory(environment: PluginPlaces["environment"]): string {
  return join(resolve(cacheDirectory(environment)), "plugins");
}
