// Whether the plugins of a program are there, and are what they were (`plugins verify` and `plugins vendor`).

import { isSpokenApi } from "../api-version.ts";
import type { PluginPlaces } from "../directories.ts";
import { platformName } from "../file-name.ts";
import { isSameAddress, parsePluginAddress } from "./address.ts";
import { requireConstraint } from "./constraint.ts";
import type { RequiredPlugins } from "./init-plugins.ts";
import { type InstalledBinary, installedPlugins } from "./installed.ts";
import { type LockFile, lockedPlugin } from "./lock-file.ts";

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
