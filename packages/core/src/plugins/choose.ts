// Which of the installed files of a plugin is used (plugin-protocol section 13.3, rows PLG-03 to PLG-08).
import { errorText } from "../diagnostics/error.ts";
import { compareApis, isSpokenApi, SPOKEN_API } from "./api-version.ts";
import { type DescribeOptions, describePlugin, type PluginDescription } from "./describe.ts";
import { checksumProblem, digestOf } from "./digest.ts";
import type { InstalledFile } from "./discovery.ts";
import { isCanonicalVersion } from "./file-name.ts";
import { launchProblem } from "./launch.ts";
import { compareVersions, parseVersion, satisfies, type Version, type VersionCondition } from "./version.ts";

export interface ChooseOptions extends DescribeOptions {
  /** What the version has to fulfil; any will do unless given. */
  readonly constraint?: readonly VersionCondition[] | undefined;
  /** What the lock file of the program says of a plugin: this version and no other, with this digest where it is known. */
  readonly locked?: ((source: string) => { readonly version: string; readonly digest: string | undefined } | undefined) | undefined;
  /** Leave out pre-releases (`-ignore-prerelease-plugins`). */
  readonly ignorePrereleases?: boolean | undefined;
  /** Told why a file is not used, and of pre-releases that are. */
  readonly note: (file: string, why: string) => void;
}

/** An installed plugin that can be used. */
export interface ChosenPlugin {
  readonly file: InstalledFile;
  readonly description: PluginDescription;
  /** SHA-256 of the file. */
  readonly digest: string;
}

/**
 * The file with the highest version that fits and is what it says it is. No file is run before its checksum was found to be right,
 * and lower versions are not looked at once one is found.
 */
export async function chooseInstalled(files: readonly InstalledFile[], options: ChooseOptions): Promise<ChosenPlugin | undefined> {
  const { note } = options;
  const candidates = files
    .flatMap((file) => {
      const version = isCanonicalVersion(file.version) ? parseVersion(file.version) : undefined;
      if (version === undefined) note(file.file, `${JSON.stringify(file.version)} is not how a version is written`);
      return version === undefined ? [] : [{ file, version }];
    })
    .sort((a, b) => compareVersions(b.version, a.version) || compareApis(b.file.api, a.file.api));
  for (const { file, version } of candidates) {
    const why = unfit(file, version, options);
    if (why !== undefined) {
      note(file.file, why);
      continue;
    }
    const verified = await describeVerified(file, options);
    if (verified === undefined) continue;
    if (version.prerelease !== "" && version.prerelease !== "dev") note(file.file, `it is used although ${file.version} is a pre-release`);
    return { file, ...verified };
  }
  return undefined;
}

// --- internal ---

/** Why a file cannot be used, as far as its name tells. */
function unfit(file: InstalledFile, version: Version, { constraint, ignorePrereleases, ...options }: ChooseOptions): string | undefined {
  const locked = options.locked?.(file.source);
  if (locked !== undefined && file.version !== locked.version) return `tspack.lock names version ${locked.version}`;
  if (ignorePrereleases === true && version.prerelease !== "") return "it is a pre-release";
  if (!isSpokenApi(file.api)) {
    return `it speaks version ${file.api.slice(1)} of the plugin protocol, and tspack ${SPOKEN_API.slice(1)}`;
  }
  // The number alone counts: a constraint without pre-releases takes 1.2.3-dev (row PLG-06).
  if (constraint !== undefined && !satisfies({ ...version, prerelease: "" }, constraint)) {
    return `${file.version} does not fit ${constraint.map(({ text }) => text).join(", ")}`;
  }
  return undefined;
}

async function describeVerified(file: InstalledFile, options: ChooseOptions): Promise<Omit<ChosenPlugin, "file"> | undefined> {
  const { note } = options;
  try {
    const digest = await digestOf(file.file);
    const problem = (await checksumProblem(file.file, digest)) ?? (await launchProblem(file.file))?.why;
    if (problem !== undefined) {
      note(file.file, problem);
      return undefined;
    }
    const locked = options.locked?.(file.source)?.digest;
    if (locked !== undefined && locked !== digest) {
      note(file.file, "it is not the file that tspack.lock names: its SHA-256 is another");
      return undefined;
    }
    const description = await describePlugin(file.file, digest, options);
    // Metadata is never in a name (row INS-09), and does not count.
    if (description.version.replace(/\+.*$/, "") !== file.version) {
      note(file.file, `it says that it is version ${JSON.stringify(description.version)}`);
      return undefined;
    }
    if (description.apiVersion !== file.api) {
      note(file.file, `it says that it speaks ${JSON.stringify(description.apiVersion)}`);
      return undefined;
    }
    return { description, digest };
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    note(file.file, errorText(error));
    return undefined;
  }
}
