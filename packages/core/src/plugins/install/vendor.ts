// `plugins vendor` and `plugins verify`: the plugins of a program, for a machine without network, and whether they are what they were.
import { copyFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { PluginError } from "../../diagnostics/error.ts";
import { type PluginPlaces, pluginDirectories } from "../directories.ts";
import { isSameAddress, parsePluginAddress } from "./address.ts";
import { isSpokenApi } from "./check-binary.ts";
import { requireConstraint } from "./constraint.ts";
import type { RequiredPlugins } from "./init-plugins.ts";
import type { InstallOptions } from "./install-options.ts";
import { platformName } from "./install-release.ts";
import { type InstalledBinary, installedPlugins } from "./installed.ts";
import { type LockFile, lockedPlugin } from "./lock-file.ts";
import { alone, digestOfPlugin, placePlugin, withStaging } from "./plugin-folder.ts";

/** An installed plugin of a program, or what keeps it from being used. */
export type PluginCheck =
  | { readonly source: string; readonly file: InstalledBinary; readonly problem: undefined }
  | { readonly source: string; readonly file: InstalledBinary | undefined; readonly problem: string };

/** The installed file of each requirement: the locked one, or without a lock file the newest that fits. */
export async function checkRequired(
  required: RequiredPlugins,
  lock: LockFile | undefined,
  places: PluginPlaces,
): Promise<readonly PluginCheck[]> {
  const checks: PluginCheck[] = [];
  for (const { source, version } of Object.values(required)) {
    parsePluginAddress(source);
    const locked = lockedPlugin(lock, source);
    const installed = await installedPlugins(places, { source, constraint: requireConstraint(version) });
    if (lock !== undefined && locked === undefined) {
      checks.push({ source, file: undefined, problem: "it is not in the lock file; run `tspack init`" });
      continue;
    }
    const candidates = installed.filter((one) => isSpokenApi(one.api) && (locked === undefined || one.version === locked.version));
    checks.push(checkOf(source, candidates, locked?.version, locked?.binaries[platformName()]));
  }
  return checks;
}

/** Every installed file of this system, and whether it is what its checksum file and the lock file name; and what is locked and missing. */
export async function checkInstalled(lock: LockFile | undefined, places: PluginPlaces): Promise<readonly PluginCheck[]> {
  const installed = await installedPlugins(places);
  const checks = installed.map((file): PluginCheck => {
    const locked = lockedPlugin(lock, file.source);
    const digest = locked?.version === file.version ? locked.binaries[platformName()] : undefined;
    const problem = file.problem ?? (digest === undefined || digest === file.digest ? undefined : notLocked(digest));
    return { source: file.source, file, problem };
  });
  const missing = Object.entries(lock ?? {})
    .filter(([source, { version }]) => !installed.some((file) => file.version === version && isSameAddress(file.source, source)))
    .map(
      ([source, { version }]): PluginCheck => ({
        source,
        file: undefined,
        problem: `version ${version} is locked and not installed; run \`tspack init\``,
      }),
    );
  return [...checks, ...missing];
}

/**
 * Copies the plugins of a program, with their checksum files, into a folder that another machine can use as PACKER_PLUGIN_PATH. Answers the
 * paths of the copies. Throws `PluginError` (TPK4007) when one is not installed or not what it has to be; nothing is copied then.
 */
export async function vendorPlugins(
  directory: string,
  { required, lock }: { readonly required: RequiredPlugins; readonly lock: LockFile | undefined },
  options: InstallOptions,
): Promise<readonly string[]> {
  const checks = await checkRequired(required, lock, options);
  const problems = checks.flatMap(({ source, problem }) => (problem === undefined ? [] : [`${source}: ${problem}`]));
  if (problems.length > 0) {
    throw new PluginError(`not every plugin can be copied: ${problems.join("; ")}`, { code: "TPK4007", hint: "Nothing was copied." });
  }
  const folder = resolve(options.workingDirectory, directory);
  if (pluginDirectories(options).some(({ path }) => path === folder)) {
    throw new PluginError(`${directory} is the folder that the plugins are in`, { code: "TPK4007", hint: "Name another folder." });
  }
  const copies: string[] = [];
  await alone(folder, options, async () => {
    for (const { file } of checks) {
      if (file === undefined) continue;
      const target = join(folder, ...file.source.split("/"), basename(file.file));
      if (copies.includes(target)) continue;
      await withStaging(folder, async (staging) => {
        const staged = resolve(staging, "copy");
        await copyFile(file.file, staged);
        // It may have been changed since it was looked at.
        const digest = await digestOfPlugin(staged);
        if (digest !== file.digest) throw new PluginError(`${file.file} was changed meanwhile`, { code: "TPK4007", hint: "Try again." });
        await placePlugin(staged, target, digest);
      });
      copies.push(target);
    }
  });
  return copies;
}

// --- internal ---

function checkOf(
  source: string,
  candidates: readonly InstalledBinary[],
  version: string | undefined,
  digest: string | undefined,
): PluginCheck {
  const file = candidates.filter(({ problem }) => problem === undefined).at(-1) ?? candidates.at(-1);
  if (file === undefined) {
    return {
      source,
      file,
      problem: `${version === undefined ? "no version that fits is installed" : `version ${version} is not installed`}; run \`tspack init\``,
    };
  }
  const problem = file.problem ?? (digest === undefined || digest === file.digest ? undefined : notLocked(digest));
  return { source, file, problem };
}

function notLocked(digest: string): string {
  return `it is not the file that the lock file names (SHA-256 ${digest}); run \`tspack init\``;
}
