// The folder that plugins are installed in, and how a file gets there whole or not at all.
import { randomUUID } from "node:crypto";
import { chmod, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorText, PluginError } from "../../diagnostics/error.ts";
import { writeFinishedFile } from "../../files/finished-file.ts";
import { withFileLock } from "../../locks/file-lock.ts";
import { CHECKSUM_SUFFIX, digestOf } from "../digest.ts";
import { type PluginPlaces, pluginDirectories } from "../directories.ts";
import type { PluginPlatform } from "../file-name.ts";
import type { PluginAddress } from "./address.ts";

/** What the name of an installed file says. */
export interface InstalledName {
  readonly address: PluginAddress;
  /** Without `v`. */
  readonly version: string;
  /** `x5.0` */
  readonly api: string;
  readonly platform: PluginPlatform;
}

/** The folder that plugins are installed in: the first one that is looked through for them (row CFG-07). */
export function installationFolder(places: PluginPlaces): string {
  const folder = pluginDirectories(places).find(({ hasInstalled }) => hasInstalled)?.path;
  if (folder !== undefined) return folder;
  throw new PluginError("there is no folder for plugins", {
    code: "TPK4007",
    hint: "Set PACKER_PLUGIN_PATH, or HOME, to say where they go.",
  });
}

/** `packer-plugin-amazon_v1.2.3_x5.0_linux_amd64`, with `.exe` on Windows (row PLG-02). */
export function installedFileName({ address, version, api, platform }: InstalledName): string {
  const ending = platform.os === "windows" ? ".exe" : "";
  return `packer-plugin-${address.name}_v${version}_${api}_${platform.os}_${platform.architecture}${ending}`;
}

/** Where a file with this name is installed. */
export function installedPath(folder: string, name: InstalledName): string {
  return join(folder, ...name.address.source.split("/"), installedFileName(name));
}

/** Runs `body` alone among all processes that install into the folder. What an earlier one left half-way is gone then. */
export async function alone<T>(
  folder: string,
  options: { readonly signal: AbortSignal; readonly log: (text: string) => void },
  body: () => Promise<T>,
): Promise<T> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw notWritable(folder, cause);
  }
  const onWait = (): void => options.log(`another process installs plugins into ${folder}; waiting`);
  return withFileLock(join(folder, ".tspack-install.lock"), { signal: options.signal, onWait }, async () => {
    const stale = (await readdir(folder)).filter((name) => name.startsWith(STAGING));
    await Promise.all(stale.map((name) => rm(join(folder, name), { recursive: true, force: true })));
    return body();
  });
}

/**
 * Gives `body` an empty folder on the same file system, in which no plugin is looked for; it is removed afterwards. Only for holders
 * of the lock of `alone`.
 */
export async function withStaging<T>(folder: string, body: (staging: string) => Promise<T>): Promise<T> {
  const staging = join(folder, `${STAGING}${randomUUID()}`);
  await mkdir(staging, { mode: 0o700 });
  try {
    return await body(staging);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/**
 * Moves a finished executable to its place and vouches for it. At no moment is there a file that would be used and is not the old or
 * the new one: without its checksum file none is. Throws `PluginError` (TPK4007) when the folder cannot be written.
 */
export async function placePlugin(staged: string, target: string, digest: string): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
    await chmod(staged, 0o755);
    await rm(`${target}${CHECKSUM_SUFFIX}`, { force: true });
    await rename(staged, target);
    await writeChecksum(target, digest);
  } catch (cause) {
    throw notWritable(dirname(target), cause);
  }
}

/** Writes the file that says what a plugin's file has to be. */
export async function writeChecksum(file: string, digest: string): Promise<void> {
  await writeFinishedFile(`${file}${CHECKSUM_SUFFIX}`, (path) => writeFile(path, digest));
}

/** Deletes a plugin: first what vouches for it. */
export async function deletePlugin(file: string): Promise<void> {
  try {
    await rm(`${file}${CHECKSUM_SUFFIX}`, { force: true });
    await rm(file);
  } catch (cause) {
    throw new PluginError(`${file} could not be deleted: ${errorText(cause)}`, { code: "TPK4007", cause });
  }
}

/** The digest of a file that a checksum file vouches for it with, or why there is none. */
export async function digestOfPlugin(file: string): Promise<string> {
  try {
    return await digestOf(file);
  } catch (cause) {
    throw new PluginError(`${basename(file)} could not be read: ${errorText(cause)}`, { code: "TPK4007", cause });
  }
}

// --- internal ---

/** Directly in the plugin folder nothing is looked for. */
const STAGING = ".tspack-staging-";

function notWritable(folder: string, cause: unknown): PluginError {
  return new PluginError(`plugins could not be installed in ${folder}: ${errorText(cause)}`, {
    code: "TPK4007",
    cause,
    hint: "PACKER_PLUGIN_PATH names another folder.",
  });
}
