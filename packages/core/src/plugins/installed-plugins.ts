// The plugins that were installed under an address: which file of each counts, and why others do not (rows PLG-03 to PLG-08).
import { PluginError } from "../diagnostics/error.ts";
import type { Requirements } from "../program/program.ts";
import { type ChosenPlugin, chooseInstalled } from "./choose.ts";
import { componentName } from "./component-names.ts";
import type { DescribeOptions } from "./describe.ts";
import type { DiscoveredFiles, InstalledFile } from "./discovery.ts";
import { platformName } from "./file-name.ts";
import { isSameAddress } from "./install/address.ts";
import { type LockedPlugin, type LockFile, lockedPlugin, readLockFile } from "./install/lock-file.ts";
import type { PluginLogger } from "./plugin-log.ts";
import { parseConstraint } from "./version.ts";

/** What a program requires, by local names. */
export type RequiredPlugins = NonNullable<Requirements["required_plugins"]>;

export interface InstalledPluginsOptions {
  /** The files of this machine. */
  readonly discover: () => Promise<DiscoveredFiles>;
  readonly describe: DescribeOptions;
  /** Path of the program's `tspack.lock`: plugins that it names are used in that version alone. */
  readonly lockFile?: string | undefined;
  readonly ignorePrereleases?: boolean | undefined;
  readonly log: PluginLogger;
}

/** Chooses among installed files, each time for one plugin, and looks at the files of none that is not asked for. */
export class InstalledPlugins {
  readonly #options: InstalledPluginsOptions;
  readonly #chosen = new Map<string, Promise<ChosenPlugin | undefined>>();
  readonly #notes = new Map<string, Map<string, string>>();
  #lock: Promise<LockFile | undefined> | undefined;

  constructor(options: InstalledPluginsOptions) {
    this.#options = options;
  }

  /** The file that satisfies a requirement, by its local name. */
  async required(name: string, required: RequiredPlugins): Promise<ChosenPlugin | undefined> {
    const requirement = required[name];
    if (requirement === undefined) return undefined;
    const { source, version } = requirement;
    const files = (await this.#installed()).filter((one) => isSameAddress(one.source, source));
    return this.#choose(requirementKey(requirement), files, version);
  }

  /** Names of the installed plugins that are not required, in order: of those that are the required version counts, or none. */
  async otherNames(required: RequiredPlugins): Promise<readonly string[]> {
    return namesOf(await this.#others(required));
  }

  /** The newest file of the plugins of this name that are not required. */
  async newest(name: string, required: RequiredPlugins): Promise<ChosenPlugin | undefined> {
    const files = (await this.#others(required)).filter((one) => one.name === name);
    // Which files count depends on what is required.
    return this.#choose(newestKey(name, files), files);
  }

  /** What the lock file says of an address. Throws a PluginError (TPK4008) for a lock file that cannot be understood. */
  async locked(source: string): Promise<LockedPlugin | undefined> {
    return lockedPlugin(await this.#readLock(), source);
  }

  /**
   * Throws a PluginError (TPK4008) for a requirement that is locked: that version is the only one there is, since another in its place would
   * make another image than everybody else's.
   */
  async refuseUnlocked(name: string, required: RequiredPlugins): Promise<void> {
    const requirement = required[name];
    const locked = requirement === undefined ? undefined : await this.locked(requirement.source);
    if (requirement === undefined || locked === undefined) return;
    // Why the files of other versions are not used goes without saying.
    const ofLocked = new Set((await this.#installed()).filter((one) => one.version === locked.version).map(({ file }) => file));
    const notes = [...(this.#notes.get(requirementKey(requirement)) ?? [])].filter(([file]) => ofLocked.has(file));
    const what = `version ${locked.version} of ${requirement.source}, which ${this.#options.lockFile} names,`;
    throw new PluginError(
      notes.length === 0
        ? `${what} is not installed`
        : `${what} cannot be used: ${notes.map(([file, why]) => `${file}: ${why}`).join("; ")}`,
      { code: "TPK4008", hint: "`tspack init` installs it, or moves the lock file on where the program asks for another version." },
    );
  }

  /** Why the files of a requirement are not used, of each a sentence. */
  notesOn(requirement: RequiredPlugins[string]): readonly string[] {
    return sentences(this.#notes.get(requirementKey(requirement)));
  }

  /** Why files of plugins that could have had a component of this name are not used. */
  async notesAbout(type: string): Promise<readonly string[]> {
    const installed = await this.#installed();
    const names = namesOf(installed).filter((name) => componentName(name, type) !== undefined);
    return names.flatMap((name) => {
      const files = installed.filter((one) => one.name === name);
      return sentences(this.#notes.get(newestKey(name, files)));
    });
  }

  // --- internal ---

  async #installed(): Promise<readonly InstalledFile[]> {
    return (await this.#options.discover()).installed;
  }

  async #others(required: RequiredPlugins): Promise<readonly InstalledFile[]> {
    const sources = Object.values(required).map(({ source }) => source);
    return (await this.#installed()).filter((file) => !sources.some((source) => isSameAddress(file.source, source)));
  }

  #readLock(): Promise<LockFile | undefined> {
    const { lockFile } = this.#options;
    this.#lock ??= lockFile === undefined ? Promise.resolve(undefined) : readLockFile(lockFile);
    return this.#lock;
  }

  async #choose(key: string, files: readonly InstalledFile[], version?: string): Promise<ChosenPlugin | undefined> {
    const lock = await this.#readLock();
    const known = this.#chosen.get(key);
    if (known !== undefined) return known;
    const notes = new Map<string, string>();
    this.#notes.set(key, notes);
    const { describe, ignorePrereleases, log } = this.#options;
    const chosen = chooseInstalled(files, {
      ...describe,
      ignorePrereleases,
      constraint: version === undefined ? undefined : parseConstraint(version),
      locked: (source) => {
        const locked = lockedPlugin(lock, source);
        return locked === undefined ? undefined : { version: locked.version, digest: locked.binaries[platformName()] };
      },
      note: (file, why) => {
        notes.set(file, why);
        log("info", "core", `plugin ${file}: ${why}`);
      },
    });
    this.#chosen.set(key, chosen);
    return chosen;
  }
}

// --- internal ---

function requirementKey({ source, version }: RequiredPlugins[string]): string {
  return `required ${source} ${version}`;
}

function newestKey(name: string, files: readonly InstalledFile[]): string {
  return ["newest", name, ...files.map(({ file }) => file)].join("\0");
}

function namesOf(installed: readonly InstalledFile[]): readonly string[] {
  return [...new Set(installed.map(({ name }) => name))].sort();
}

function sentences(notes: ReadonlyMap<string, string> = new Map()): readonly string[] {
  return [...notes].map(([file, why]) => `${file} is not used: ${why}.`);
}
