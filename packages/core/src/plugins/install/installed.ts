// What is installed (rows INS-10 to INS-12).
import { isAbsolute } from "node:path";
import { PluginError } from "../../diagnostics/error.ts";
import { checksumProblem, digestOf } from "../digest.ts";
import { type PluginPlaces, pluginDirectories } from "../directories.ts";
import { discoverFiles, type InstalledFile } from "../discovery.ts";
import { currentPlatform, isCanonicalVersion } from "../file-name.ts";
import { launchProblem } from "../launch.ts";
import { compareVersions, parseVersion, satisfies, type Version, type VersionCondition } from "../version.ts";
import { isSameAddress, parsePluginAddress } from "./address.ts";
import { deletePlugin } from "./plugin-folder.ts";

/** A file that is installed for this system. */
export interface InstalledBinary extends InstalledFile {
  readonly digest: string;
  /** Why it is not used; undefined when its checksum file vouches for it and the system can run it. */
  readonly problem: string | undefined;
}

/** Which of the installed files are meant. */
export interface InstalledQuery {
  readonly source?: string | undefined;
  /** What the version has to fulfil; its number alone counts (row PLG-06). */
  readonly constraint?: readonly VersionCondition[] | undefined;
}

/** Installed files for this system, by address and then from the lowest to the highest version. None is run. */
export async function installedPlugins(places: PluginPlaces, query: InstalledQuery = {}): Promise<readonly InstalledBinary[]> {
  const { installed } = await discoverFiles(pluginDirectories(places), currentPlatform());
  const meant = installed
    .flatMap((file) => {
      const version = isCanonicalVersion(file.version) ? parseVersion(file.version) : undefined;
      return version !== undefined && isMeant(file, version, query) ? [{ file, version }] : [];
    })
    .sort(
      (a, b) => compareTexts(a.file.source, b.file.source) || compareVersions(a.version, b.version) || compareTexts(a.file.api, b.file.api),
    );
  return Promise.all(
    meant.map(async ({ file }) => {
      const digest = await digestOf(file.file).catch(() => "");
      return { ...file, digest, problem: (await checksumProblem(file.file, digest)) ?? (await launchProblem(file.file))?.why };
    }),
  );
}

/**
 * Deletes installed plugins, with their checksum files: those of an address that fulfil the constraint, or one by its absolute path,
 * which has to be an installed one. Answers what was deleted. Throws `PluginError` (TPK4007).
 */
export async function removePlugins(
  what: string,
  constraint: readonly VersionCondition[] | undefined,
  places: PluginPlaces,
): Promise<readonly string[]> {
  const all = await installedPlugins(places, isAbsolute(what) ? {} : { source: parsePluginAddress(what).source, constraint });
  const meant = isAbsolute(what) ? all.filter(({ file }) => file === what) : all;
  if (meant.length === 0 && isAbsolute(what)) {
    const folders = pluginDirectories(places).flatMap(({ path, hasInstalled }) => (hasInstalled ? [path] : []));
    throw new PluginError(`${what} is no installed plugin`, {
      code: "TPK4007",
      hint: `Plugins are installed in ${folders.join(", ")}; \`tspack plugins installed\` lists them.`,
    });
  }
  for (const { file } of meant) await deletePlugin(file);
  return meant.map(({ file }) => file);
}

// --- internal ---

function isMeant(file: InstalledFile, version: Version, { source, constraint }: InstalledQuery): boolean {
  if (source !== undefined && !isSameAddress(file.source, source)) return false;
  return constraint === undefined || satisfies({ ...version, prerelease: "" }, constraint);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
