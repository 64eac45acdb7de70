// `tspack init`: what a program requires gets installed, and locked (rows CMD-03, INS-13, INS-14).
import { PluginError } from "../../diagnostics/error.ts";
import { platformName } from "../file-name.ts";
import { parseVersion, satisfies, type VersionCondition } from "../version.ts";
import { isSameAddress, type PluginAddress, parsePluginAddress } from "./address.ts";
import { requireConstraint } from "./constraint.ts";
import { type InstallOutcome, installPlugin } from "./install-plugin.ts";
import { type LockedPlugin, type LockFile, lockedPlugin, mergedEntry, readLockFile, writeLockFile } from "./lock-file.ts";
import type { SourceOptions } from "./sources.ts";

/** What a program requires: addresses and constraints by the local name. */
export type RequiredPlugins = { readonly [name: string]: { readonly source: string; readonly version: string } };

export interface InitRequest {
  readonly required: RequiredPlugins;
  /** Path of `tspack.lock`. */
  readonly lockFile: string;
  readonly force?: boolean | undefined;
  readonly upgrade?: boolean | undefined;
  /** Install what the lock file names, or fail: it is not written. */
  readonly frozen?: boolean | undefined;
}

export interface InitOptions extends SourceOptions {
  /** Told of each plugin that is in its place. */
  readonly onReady: (outcome: InstallOutcome) => void;
  /** Told of each requirement that could not be met, by its local names; the others go on (row INS-14). */
  readonly onFailure: (names: readonly string[], error: unknown) => void;
}

/**
 * Installs what is required and missing, and brings the lock file up to date. True when all is in place. Throws `PluginError` (TPK4008)
 * when the lock file cannot be used, with `frozen` also when it does not fit the requirements; nothing is installed then.
 */
export async function initPlugins(request: InitRequest, options: InitOptions): Promise<boolean> {
  const { lockFile, frozen } = request;
  const lock = await readLockFile(lockFile);
  let isComplete = true;
  const fail = (names: readonly string[], error: unknown): void => {
    isComplete = false;
    options.onFailure(names, error);
  };
  const wanted = wantedPlugins(request.required, fail);
  if (frozen === true) requireFitting(lockFile, lock, wanted);
  const next: { [source: string]: LockedPlugin } = {};
  for (const { names, address, conditions } of wanted) {
    const before = lockedPlugin(lock, address.source);
    try {
      const locked = before !== undefined && fits(before, conditions) ? before : undefined;
      const outcome = await installPlugin({ ...request, address, conditions, locked }, options);
      const { version, api, digest } = outcome.plugin;
      const binaries = { [platformName()]: digest };
      next[address.source] = mergedEntry(before, { version, protocol: api.slice(1), archives: outcome.archives ?? {}, binaries });
      options.onReady(outcome);
    } catch (error) {
      if (options.signal.aborted) throw error;
      fail(names, error);
    }
  }
  // Who requires nothing needs no file; one that is there is kept up to date.
  if (frozen !== true && isComplete && (lock !== undefined || wanted.length > 0)) await writeLockFile(lockFile, next);
  return isComplete;
}

// --- internal ---

interface Wanted {
  readonly names: readonly string[];
  readonly address: PluginAddress;
  readonly conditions: readonly VersionCondition[];
}

/** Requirements by address: a plugin may be required under several names, and one version serves all of them. */
function wantedPlugins(required: RequiredPlugins, fail: (names: readonly string[], error: unknown) => void): readonly Wanted[] {
  const wanted: Wanted[] = [];
  for (const [name, { source, version }] of Object.entries(required)) {
    try {
      const address = parsePluginAddress(source);
      const conditions = requireConstraint(version);
      const index = wanted.findIndex((one) => isSameAddress(one.address.source, source));
      const before = wanted[index];
      if (before === undefined) wanted.push({ names: [name], address, conditions });
      else wanted[index] = { ...before, names: [...before.names, name], conditions: [...before.conditions, ...conditions] };
    } catch (error) {
      fail([name], error);
    }
  }
  return wanted;
}

function fits({ version }: LockedPlugin, conditions: readonly VersionCondition[]): boolean {
  const parsed = parseVersion(version);
  return parsed !== undefined && satisfies({ ...parsed, prerelease: "" }, conditions);
}

/** Throws unless the lock file names a fitting version of all that is required, and nothing else. */
function requireFitting(path: string, lock: LockFile | undefined, wanted: readonly Wanted[]): void {
  const problems: string[] = [];
  for (const { address, conditions } of wanted) {
    const { source } = address;
    const locked = lockedPlugin(lock, source);
    const platform = platformName();
    if (locked === undefined) problems.push(`${source} is not locked`);
    else if (!fits(locked, conditions))
      problems.push(`${source} is locked at ${locked.version}, which does not fit ${conditions.map(({ text }) => text).join(", ")}`);
    else if (locked.archives[platform] === undefined && locked.binaries[platform] === undefined)
      problems.push(`${source} ${locked.version} has no digest for ${platform}`);
  }
  for (const source of Object.keys(lock ?? {})) {
    if (!wanted.some(({ address }) => isSameAddress(address.source, source))) problems.push(`${source} is locked and not required`);
  }
  if (problems.length === 0) return;
  throw new PluginError(`${lock === undefined ? `there is no ${path}` : `${path} does not fit the program`}: ${problems.join("; ")}`, {
    code: "TPK4008",
    hint: "Run `tspack init` without -frozen and commit the lock file.",
  });
}
