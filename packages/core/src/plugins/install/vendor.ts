// `plugins vendor`: the plugins of a program in a folder, for machines without network, of any system.
import { copyFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { errorText, PluginError } from "../../diagnostics/error.ts";
import { writeFinishedFile } from "../../files/finished-file.ts";
import { pluginDirectories } from "../directories.ts";
import { platformName } from "../file-name.ts";
import { parseConstraint, parseVersion } from "../version.ts";
import { isSameAddress, parsePluginAddress } from "./address.ts";
import { checkRequired, type PluginCheck } from "./check-installed.ts";
import { documentationArchive } from "./documentation.ts";
import { digestsOf, type FoundRelease, findRelease } from "./find-release.ts";
import type { RequiredPlugins } from "./init-plugins.ts";
import { installRelease } from "./install-release.ts";
import type { InstalledBinary } from "./installed.ts";
import { type LockedPlugin, lockedPlugin, mergedEntry, readLockFile, writeLockFile } from "./lock-file.ts";
import { alone, digestOfPlugin, placePlugin, withStaging } from "./plugin-folder.ts";
import type { SourceOptions } from "./sources.ts";

/** What is copied, and for whom. */
export interface VendorRequest {
  readonly required: RequiredPlugins;
  /** Path of `tspack.lock`. It learns the digests of the executables of other systems; without a lock file none is made. */
  readonly lockFile: string;
  /** Systems as archives name them (`linux_amd64`), or all that a release is there for; this one unless given. */
  readonly platforms?: readonly string[] | "all" | undefined;
}

/**
 * Copies the plugins of a program, with their checksum files, into a folder that another machine can use as PACKER_PLUGIN_PATH. Those of
 * this system are copied from where they are installed, those of others downloaded and checked as `init` does. Answers the paths of the
 * copies. Throws `PluginError` (TPK4007 to TPK4009); when one of them cannot be had nothing is copied.
 */
export async function vendorPlugins(directory: string, request: VendorRequest, options: SourceOptions): Promise<readonly string[]> {
  const lock = await readLockFile(request.lockFile);
  const folder = resolve(options.workingDirectory, directory);
  if (pluginDirectories(options).some(({ path }) => path === folder)) {
    throw new PluginError(`${directory} is the folder that the plugins are in`, { code: "TPK4007", hint: "Name another folder." });
  }
  const { platforms = [platformName()] } = request;
  for (const platform of platforms === "all" ? [] : platforms) requirePlatform(platform);
  const isHere = platforms === "all" || platforms.includes(platformName());
  const plans = new Map<string, Plan>();
  const problems: string[] = [];
  for (const check of await checkRequired(request.required, lock, options)) {
    if (plans.has(check.source.toLowerCase())) continue;
    const locked = lockedPlugin(lock, check.source);
    const problem = isHere || locked === undefined ? localProblem(check, locked, options) : undefined;
    const version = locked?.version ?? check.file?.version;
    if (problem !== undefined || version === undefined) problems.push(`${check.source}: ${problem ?? "no version is known"}`);
    else
      plans.set(check.source.toLowerCase(), {
        source: check.source,
        version,
        locked,
        local: isHere ? check.file : undefined,
        releases: [],
      });
  }
  if (problems.length > 0) {
    throw new PluginError(`not every plugin can be copied: ${problems.join("; ")}`, { code: "TPK4007", hint: "Nothing was copied." });
  }
  for (const plan of plans.values()) plan.releases.push(...(await foreignReleases(plan, platforms, options)));
  const copies: string[] = [];
  const next: { [source: string]: LockedPlugin } = { ...lock };
  await alone(folder, options, async () => {
    for (const plan of plans.values()) {
      if (plan.local !== undefined) copies.push(await copyLocal(plan.local, folder));
      await copyDocumentation(plan, folder, options);
      for (const found of plan.releases) {
        const { platform, api } = found.archive;
        const expectedDigest = plan.locked?.binaries[platform];
        const { file, digest } = await installRelease(parsePluginAddress(plan.source), found, folder, { ...options, expectedDigest });
        copies.push(file);
        const key = Object.keys(next).find((source) => isSameAddress(source, plan.source));
        const learnt = { archives: digestsOf(found.archives), binaries: { [platform]: digest } };
        if (key !== undefined) next[key] = mergedEntry(next[key], { version: plan.version, protocol: api.slice(1), ...learnt });
      }
    }
  });
  // What is locked does not change: digests of more systems are added.
  if (lock !== undefined) await writeLockFile(request.lockFile, next);
  return copies;
}

// --- internal ---

interface Plan {
  readonly source: string;
  readonly version: string;
  readonly locked: LockedPlugin | undefined;
  readonly local: InstalledBinary | undefined;
  readonly releases: Pick<FoundRelease, "version" | "archive" | "archives">[];
}

function requirePlatform(text: string): void {
  if (/^[0-9a-z]+_[0-9a-z]+$/.test(text)) return;
  throw new PluginError(`${JSON.stringify(text)} is no system`, {
    code: "TPK4007",
    hint: "It is written as files of plugins name it: linux_amd64, darwin_arm64, windows_amd64.",
  });
}

function localProblem(
  { problem, file }: PluginCheck,
  locked: LockedPlugin | undefined,
  { trustedKeys }: SourceOptions,
): string | undefined {
  if (problem !== undefined || trustedKeys === undefined || file?.digest === locked?.binaries[platformName()]) return problem;
  return "nothing says that the installed file was signed; run `tspack init`";
}

/** The releases for systems other than this one. Throws `PluginError` when one of them is not there, or not the locked one. */
async function foreignReleases(
  { source, version, locked }: Plan,
  platforms: readonly string[] | "all",
  options: SourceOptions,
): Promise<readonly FoundRelease[]> {
  const here = platformName();
  const named = platforms === "all" ? [here] : platforms.filter((platform) => platform !== here);
  const [first] = named;
  if (first === undefined) return [];
  if (parseVersion(version)?.prerelease !== "") {
    throw new PluginError(`${source} ${version} is not published: it can be copied for ${here} alone`, {
      code: "TPK4007",
      hint: "Build it for the other systems, and install it there with `tspack plugins install -path`.",
    });
  }
  const found = await findRelease(parsePluginAddress(source), parseConstraint(`= ${version}`) ?? [], { ...options, platform: first });
  const wanted = platforms === "all" ? found.archives.map(({ platform }) => platform).filter((platform) => platform !== here) : named;
  return wanted.map((platform) => {
    const archive = found.archives.find((one) => one.platform === platform);
    if (archive === undefined) {
      throw new PluginError(`${source} ${version} has no archive for ${platform}`, {
        code: "TPK4007",
        hint: `It has archives for ${found.archives.map((one) => one.platform).join(", ")}. Nothing was copied.`,
      });
    }
    const digest = locked?.archives[platform];
    if (digest !== undefined && digest !== archive.sha256) {
      throw new PluginError(`${source} ${version} for ${platform} is not what the lock file names`, {
        code: "TPK4008",
        hint: `Its SHA-256 is ${archive.sha256}, locked is ${digest}. Somebody has published other files under the same version.`,
      });
    }
    return { ...found, archive };
  });
}

/**
 * Puts the documentation beside the plugin, where types are made of it: the other machine cannot ask for it. An empty file says that there
 * is none. Nobody needs it, so that it cannot be had is only told.
 */
async function copyDocumentation({ source, version, local }: Plan, folder: string, options: SourceOptions): Promise<void> {
  const name = `packer-plugin-${parsePluginAddress(source).name}_v${version}`;
  const target = join(folder, ...source.split("/"), `${name}_docs.zip`);
  try {
    const file = local?.file ?? join(dirname(target), `${name}_`);
    const archive = await documentationArchive({ file, source, version }, options);
    await writeFinishedFile(target, (path) => (archive === undefined ? writeFile(path, "") : copyFile(archive, path)));
  } catch (error) {
    if (options.signal.aborted) throw error;
    options.log(`the documentation of ${source} ${version} is not copied: ${errorText(error)}`);
  }
}

async function copyLocal(file: InstalledBinary, folder: string): Promise<string> {
  const target = join(folder, ...file.source.split("/"), basename(file.file));
  await withStaging(folder, async (staging) => {
    const staged = resolve(staging, "copy");
    await copyFile(file.file, staged);
    // It may have been changed since it was looked at.
    const digest = await digestOfPlugin(staged);
    if (digest !== file.digest) throw new PluginError(`${file.file} was changed meanwhile`, { code: "TPK4007", hint: "Try again." });
    await placePlugin(staged, target, digest);
  });
  return target;
}
