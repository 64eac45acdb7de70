// Makes sure that a fitting version of a plugin is installed (rows INS-03, INS-05, INS-13, FLG-24, FLG-25).
import { PluginError } from "../../diagnostics/error.ts";
import { isSpokenApi } from "../api-version.ts";
import { platformName } from "../file-name.ts";
import { parseConstraint, parseVersion, satisfies, type VersionCondition } from "../version.ts";
import type { PluginAddress } from "./address.ts";
import { type ArchiveDigests, digestsOf, findRelease } from "./find-release.ts";
import type { InstalledPlugin } from "./install-options.ts";
import { installRelease } from "./install-release.ts";
import { type InstalledBinary, installedPlugins } from "./installed.ts";
import type { LockedPlugin } from "./lock-file.ts";
import { alone, installationFolder } from "./plugin-folder.ts";
import type { SourceOptions } from "./sources.ts";

/** Which plugin is wanted, and how badly. */
export interface InstallRequest {
  readonly address: PluginAddress;
  readonly conditions: readonly VersionCondition[];
  /** Install also what is there; of the newest installed release unless `upgrade` is given too. */
  readonly force?: boolean | undefined;
  /** Take the newest published version, whatever is installed. */
  readonly upgrade?: boolean | undefined;
  /** What the lock file says. Its version is taken unless `upgrade` is given; its digests hold in any case. */
  readonly locked?: LockedPlugin | undefined;
  /** Believe nothing that the lock file does not vouch for. */
  readonly frozen?: boolean | undefined;
}

/** What has become of a request. */
export interface InstallOutcome {
  readonly status: "present" | "installed";
  readonly plugin: InstalledPlugin;
  /** What was published for all platforms, where that came up. */
  readonly archives: ArchiveDigests | undefined;
}

/**
 * Installs a plugin unless a version that fits is there. Processes that install into the same folder take turns, so that the second one
 * finds what the first has installed; a folder in which nothing is missing is not written to. With trusted keys a file is there when the
 * lock file vouches for it: nothing else tells who has signed what it came from. Throws `PluginError` (TPK4001, TPK4007 to TPK4009) and
 * `BuildError` (TPK7001, TPK7002).
 */
export async function installPlugin(request: InstallRequest, options: SourceOptions): Promise<InstallOutcome> {
  const { present } = await lookFor(request, options);
  if (present !== undefined) return { status: "present", plugin: present, archives: undefined };
  const folder = installationFolder(options);
  return alone(folder, options, async () => {
    const { address, locked } = request;
    // Somebody else may have installed it meanwhile.
    const again = await lookFor(request, options, options.log);
    if (again.present !== undefined) return { status: "present", plugin: again.present, archives: undefined };
    const found = await findRelease(address, conditionsOf(request, again.fitting), options);
    const version = found.version.version.numbers.join(".");
    const vouched = locked?.version === version ? locked : undefined;
    requireLocked(address, `${version} for ${platformName()}`, vouched?.archives[platformName()], found.archive.sha256);
    const expected = vouched?.binaries[platformName()];
    const archives = digestsOf(found.archives);
    const isEnough = request.force !== true && request.frozen !== true && (expected !== undefined || options.trustedKeys === undefined);
    const same = again.usable.find((one) => one.version === version && (expected === undefined || expected === one.digest));
    if (same !== undefined && isEnough) return { status: "present", plugin: same, archives };
    const plugin = await installRelease(address, found, folder, { ...options, expectedDigest: expected });
    return { status: "installed", plugin, archives };
  });
}

// --- internal ---

interface Found {
  /** The file that there is nothing to do about. */
  readonly present: InstalledBinary | undefined;
  readonly usable: readonly InstalledBinary[];
  /** Those that fulfil the constraint. */
  readonly fitting: readonly InstalledBinary[];
}

async function lookFor(request: InstallRequest, options: SourceOptions, log: (text: string) => void = () => undefined): Promise<Found> {
  const all = await installedPlugins(options, { source: request.address.source });
  const usable = all.filter(({ problem, api }) => problem === undefined && isSpokenApi(api));
  const fitting = usable.filter(({ version }) => {
    const parsed = parseVersion(version);
    // The number alone counts (row PLG-06).
    return parsed !== undefined && satisfies({ ...parsed, prerelease: "" }, request.conditions);
  });
  return { present: presentFile(request, { usable, fitting }, { ...options, log }), usable, fitting };
}

function presentFile(
  { force, upgrade, locked, frozen }: InstallRequest,
  { usable, fitting }: Pick<Found, "usable" | "fitting">,
  { trustedKeys, log }: Pick<SourceOptions, "trustedKeys" | "log">,
): InstalledBinary | undefined {
  if (force === true || upgrade === true) return undefined;
  const isSigned = trustedKeys !== undefined;
  if (locked === undefined) {
    const newest = fitting.at(-1);
    if (newest === undefined || !isSigned) return newest;
    log(`${newest.file} is there, but nothing says that it was signed; it is downloaded`);
    return undefined;
  }
  const exact = usable.filter(({ version }) => version === locked.version).at(-1);
  const digest = locked.binaries[platformName()];
  if (exact === undefined || (digest === undefined && frozen !== true && !isSigned)) return exact;
  if (exact.digest === digest) return exact;
  if (digest !== undefined) log(`${exact.file} is not the file that the lock names; it is installed again`);
  return undefined;
}

/** What the version to download has to fulfil. */
function conditionsOf(
  { address, conditions, force, upgrade, locked }: InstallRequest,
  fitting: readonly InstalledBinary[],
): readonly VersionCondition[] {
  if (upgrade === true) return conditions;
  const releases = fitting.filter(({ version }) => parseVersion(version)?.prerelease === "");
  const version = locked?.version ?? (force === true ? releases.at(-1)?.version : undefined);
  if (version === undefined) return conditions;
  if (parseVersion(version)?.prerelease !== "") {
    throw new PluginError(`the lock file names ${address.source} ${version}, which is not published`, {
      code: "TPK4008",
      hint: `Install it with \`tspack plugins install -path=FILE ${address.source}\`, or take a release with \`tspack init -upgrade\`.`,
    });
  }
  return parseConstraint(`= ${version}`) ?? conditions;
}

/** Throws `PluginError` (TPK4008) when a digest is not the one in the lock file. Without one there all is well. */
function requireLocked({ source }: PluginAddress, what: string, locked: string | undefined, actual: string): void {
  if (locked === undefined || locked === actual) return;
  throw new PluginError(`${source} ${what} is not what the lock file names: its SHA-256 is ${actual}, locked is ${locked}`, {
    code: "TPK4008",
    hint: "Somebody has published other files under the same version. Find out why before you take the entry out of tspack.lock.",
  });
}
