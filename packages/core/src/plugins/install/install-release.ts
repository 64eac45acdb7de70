// Downloads a release, checks it and puts it in its place (rows INS-01 to INS-08).
import { chmod, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { extractFromZip } from "../../archive/zip-reader.ts";
import { errorText, PluginError } from "../../diagnostics/error.ts";
import { download } from "../../download/download.ts";
import { pluginCacheDirectory } from "../directories.ts";
import { currentPlatform } from "../file-name.ts";
import { compareVersions, satisfies, type VersionCondition } from "../version.ts";
import type { PluginAddress } from "./address.ts";
import { describeBinary, isSpokenApi, requireRelease } from "./check-binary.ts";
import type { InstalledPlugin } from "./install-options.ts";
import { digestOfPlugin, installedFileName, installedPath, placePlugin, withStaging } from "./plugin-folder.ts";
import type { PublishedArchive, PublishedVersion, ReleaseSource } from "./release-source.ts";
import { type SourceOptions, sourcesOf } from "./sources.ts";

/** SHA-256 of the archives of a release, by platform (`linux_amd64`). */
export type ArchiveDigests = { readonly [platform: string]: string };

/** A release that fits. */
export interface FoundRelease {
  readonly version: PublishedVersion;
  readonly archive: PublishedArchive;
  readonly archives: ArchiveDigests;
}

/** The largest executable that is taken out of an archive. */
const LARGEST_BINARY_BYTES = 2 * 1024 * 1024 * 1024;

/** This system, as archives name it. */
export function platformName(): string {
  const { os, architecture } = currentPlatform();
  return `${os}_${architecture}`;
}

/** The highest published release that fulfils the conditions and has an archive for this system. Throws `PluginError` (TPK4007) when there is none. */
export async function findRelease(
  address: PluginAddress,
  conditions: readonly VersionCondition[],
  options: SourceOptions,
): Promise<FoundRelease> {
  const sources = sourcesOf(address, options);
  const reasons: string[] = [];
  let failure: unknown;
  for (const source of sources) {
    try {
      const found = await findIn(source, address, conditions, reasons);
      if (found !== undefined) return found;
    } catch (error) {
      if (options.signal.aborted) throw error;
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

/** Downloads a release, and installs it when all is as published. Throws `BuildError` (TPK7001, TPK7002) and `PluginError`. */
export async function installRelease(
  address: PluginAddress,
  { version, archive }: FoundRelease,
  folder: string,
  options: SourceOptions & { readonly expectedDigest?: string | undefined },
): Promise<InstalledPlugin> {
  const { location, sha256, api } = archive;
  const archived = await download({
    ...options,
    location,
    checksum: { kind: "digest", type: "sha256", hex: sha256 },
    destination: join(pluginCacheDirectory(options.environment), "archives", `${sha256}.zip`),
  });
  const name = { address, version: version.version.numbers.join("."), api, platform: currentPlatform() };
  try {
    return await withStaging(folder, async (staging) => {
      const entry = installedFileName({ ...name, version: version.text });
      const staged = join(staging, entry);
      const extraction = { name: entry, destination: staged, largestBytes: LARGEST_BINARY_BYTES, signal: options.signal };
      if (!(await extractFromZip(archived.path, extraction))) {
        throw new PluginError(`${basename(location)} does not hold ${entry}`, { code: "TPK4007", hint: "Its authors need to know." });
      }
      await chmod(staged, 0o755);
      const digest = await digestOfPlugin(staged);
      // Before anything of it is run.
      requireLockedBinary(address, version.text, options.expectedDigest, digest);
      requireRelease(await describeBinary(staged, digest, { ...options, staging }), { version: version.version, text: version.text, api });
      const file = installedPath(folder, name);
      await placePlugin(staged, file, digest);
      return { source: address.source, version: name.version, api, file, digest };
    });
  } finally {
    // What is installed needs no archive any more, and what was refused is better fetched anew.
    if (archived.from !== "local") await rm(archived.path, { force: true });
  }
}

// --- internal ---

function requireLockedBinary({ source }: PluginAddress, version: string, locked: string | undefined, actual: string): void {
  if (locked === undefined || locked === actual) return;
  throw new PluginError(`the executable of ${source} ${version} is not the locked one: its SHA-256 is ${actual}, locked is ${locked}`, {
    code: "TPK4008",
    hint: "Find out who has changed it before you take the entry out of tspack.lock.",
  });
}

async function findIn(
  source: ReleaseSource,
  address: PluginAddress,
  conditions: readonly VersionCondition[],
  reasons: string[],
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
  const platform = platformName();
  for (const version of fitting) {
    const archives = await source.release(address, version);
    const archive = archives
      ?.filter((one) => one.platform === platform && isSpokenApi(one.api))
      .sort((a, b) => b.api.localeCompare(a.api))[0];
    if (archives !== undefined && archive !== undefined) return { version, archive, archives: digestsOf(archives) };
    const other = archives?.find((one) => one.platform === platform);
    if (archives === undefined) reasons.push(`Version ${version.text} has no list of checksums.`);
    else if (other !== undefined) reasons.push(`Version ${version.text} speaks ${other.api} of the plugin protocol, and tspack x5.0.`);
    else reasons.push(`Version ${version.text} has no archive for ${platform}.`);
  }
  return undefined;
}

function digestsOf(archives: readonly PublishedArchive[]): ArchiveDigests {
  const spoken = archives.filter(({ api }) => isSpokenApi(api)).sort((a, b) => (a.platform < b.platform ? -1 : 1));
  return Object.fromEntries(spoken.map(({ platform, sha256 }) => [platform, sha256]));
}
