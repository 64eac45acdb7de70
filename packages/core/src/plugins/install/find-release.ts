// Chooses what to download: the highest release that fits (rows INS-01 to INS-04).
import { errorText, PluginError, TspackError } from "../../diagnostics/error.ts";
import { isSpokenApi, SPOKEN_API } from "../api-version.ts";
import { platformName } from "../file-name.ts";
import { compareVersions, satisfies, type VersionCondition } from "../version.ts";
import type { PluginAddress } from "./address.ts";
import type { PublishedArchive, PublishedVersion, ReleaseSource } from "./release-source.ts";
import { requireSigned } from "./signature.ts";
import { type SourceOptions, sourcesOf } from "./sources.ts";

/** SHA-256 of files of a release, by platform (`linux_amd64`). */
export type ArchiveDigests = { readonly [platform: string]: string };

/** A release that fits. */
export interface FoundRelease {
  readonly version: PublishedVersion;
  /** That of the platform that was looked for. */
  readonly archive: PublishedArchive;
  /** Those of all platforms whose protocol is spoken; one for each, in the order of their names. */
  readonly archives: readonly PublishedArchive[];
}

export interface FindOptions extends SourceOptions {
  /** `linux_amd64`; this system unless given. */
  readonly platform?: string | undefined;
}

/** What the lock file remembers of archives. */
export function digestsOf(archives: readonly PublishedArchive[]): ArchiveDigests {
  return Object.fromEntries(archives.map(({ platform, sha256 }) => [platform, sha256]));
}

/**
 * The highest published release that fulfils the conditions and has an archive for the platform. With trusted keys its list of checksums
 * has to be signed by one of them; a release that is not is never passed over. Throws `PluginError` (TPK4007, TPK4009).
 */
export async function findRelease(
  address: PluginAddress,
  conditions: readonly VersionCondition[],
  options: FindOptions,
): Promise<FoundRelease> {
  const sources = sourcesOf(address, options);
  const reasons: string[] = [];
  let failure: unknown;
  for (const source of sources) {
    try {
      const found = await findIn(source, { address, conditions, reasons }, options);
      if (found !== undefined) return found;
    } catch (error) {
      if (options.signal.aborted || (TspackError.is(error) && error.code === "TPK4009")) throw error;
      options.log(errorText(error));
      failure = error;
    }
  }
  // Another source may have had it: that it could not be asked is what matters.
  if (failure !== undefined) throw failure;
  const wanted = conditions.map(({ text }) => text).join(", ");
  throw new PluginError(`no release of ${address.source}${wanted === "" ? "" : ` that fulfils ${wanted}`} can be installed`, {
    code: "TPK4007",
    hint: `${reasons.slice(0, 5).join(" ")}${reasons.length > 5 ? ` And ${reasons.length - 5} more.` : ""}`,
  });
}

// --- internal ---

interface Search {
  readonly address: PluginAddress;
  readonly conditions: readonly VersionCondition[];
  /** Filled with why a source or a version is not taken. */
  readonly reasons: string[];
}

async function findIn(
  source: ReleaseSource,
  { address, conditions, reasons }: Search,
  { platform = platformName(), trustedKeys }: FindOptions,
): Promise<FoundRelease | undefined> {
  const versions = await source.versions(address);
  if (versions === undefined) {
    reasons.push(`${source.title} does not have it.`);
    return undefined;
  }
  // Releases alone (row PLG-06), whatever the constraint says; what a name cannot say is left out too.
  const releases = versions.filter(({ text, version }) => version.prerelease === "" && !text.includes("+"));
  const fitting = releases.filter(({ version }) => satisfies(version, conditions)).sort((a, b) => compareVersions(b.version, a.version));
  if (fitting.length === 0) {
    const newest = releases.sort((a, b) => compareVersions(b.version, a.version))[0];
    reasons.push(newest === undefined ? `${source.title} has no release.` : `The newest release at ${source.title} is ${newest.text}.`);
  }
  for (const version of fitting) {
    const release = await source.release(address, version);
    if (release === undefined) {
      reasons.push(`Version ${version.text} has no list of checksums.`);
      continue;
    }
    const archives = spokenArchives(release.archives);
    const archive = archives.find((one) => one.platform === platform);
    if (archive === undefined) {
      reasons.push(lacking(version.text, platform, release.archives));
      continue;
    }
    if (trustedKeys !== undefined) await requireSigned(release, trustedKeys, `${address.source} at ${source.title}`);
    return { version, archive, archives };
  }
  return undefined;
}

/** The archives whose protocol is spoken, of each platform the one with the newest. */
function spokenArchives(archives: readonly PublishedArchive[]): readonly PublishedArchive[] {
  const found = new Map<string, PublishedArchive>();
  for (const archive of archives.filter(({ api }) => isSpokenApi(api))) {
    const before = found.get(archive.platform);
    if (before === undefined || before.api.localeCompare(archive.api) < 0) found.set(archive.platform, archive);
  }
  return [...found.values()].sort((a, b) => (a.platform < b.platform ? -1 : 1));
}

function lacking(version: string, platform: string, archives: readonly PublishedArchive[]): string {
  const other = archives.find((one) => one.platform === platform);
  if (other !== undefined) return `Version ${version} speaks ${other.api} of the plugin protocol, and tspack ${SPOKEN_API}.`;
  if (archives.length === 0) return `The list of checksums of version ${version} names no archive of the plugin.`;
  const there = [...new Set(archives.map((one) => one.platform))].sort();
  return `Version ${version} has no archive for ${platform}, only for ${there.join(", ")}.`;
}
