// Downloads a release, checks it and puts it in its place (rows INS-04 to INS-08).
import { chmod, constants, copyFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { extractFromZip } from "../../archive/zip-reader.ts";
import { PluginError } from "../../diagnostics/error.ts";
import { download } from "../../download/download.ts";
import { pluginCacheDirectory } from "../directories.ts";
import { currentPlatform, type PluginPlatform } from "../file-name.ts";
import type { PluginAddress } from "./address.ts";
import { describeBinary, requireRelease } from "./check-binary.ts";
import type { FoundRelease } from "./find-release.ts";
import type { InstalledPlugin } from "./install-options.ts";
import { digestOfPlugin, installedFileName, installedPath, placePlugin, withStaging } from "./plugin-folder.ts";
import type { SourceOptions } from "./sources.ts";

export interface InstallReleaseOptions extends SourceOptions {
  /** SHA-256 that the executable has to have, of the lock file. */
  readonly expectedDigest?: string | undefined;
}

/** The largest archive that is downloaded, and the largest executable that is taken out of one. */
const LARGEST_BYTES = 2 * 1024 * 1024 * 1024;

/**
 * Downloads a release, and installs it in the folder when all is as published. The executable of another platform cannot be asked what it
 * is; its checksum alone vouches for it. Throws `BuildError` (TPK7001, TPK7002) and `PluginError`.
 */
export async function installRelease(
  address: PluginAddress,
  { version, archive }: Pick<FoundRelease, "version" | "archive">,
  folder: string,
  options: InstallReleaseOptions,
): Promise<InstalledPlugin> {
  const { location, sha256, api } = archive;
  const platform = platformOf(archive.platform);
  const archived = await download({
    ...options,
    location,
    largestBytes: LARGEST_BYTES,
    checksum: { kind: "digest", type: "sha256", hex: sha256 },
    destination: join(pluginCacheDirectory(options.environment), "archives", `${sha256}.zip`),
  });
  const name = { address, version: version.version.numbers.join("."), api, platform };
  try {
    return await withStaging(folder, async (staging) => {
      const entry = installedFileName({ ...name, version: version.text });
      const staged = join(staging, entry);
      // Others may be able to write where it lies, a mirror's folder or a shared cache: what is checked is what is unpacked.
      const own = join(staging, "archive.zip");
      await copyFile(archived.path, own, constants.COPYFILE_FICLONE);
      requireArchive(basename(location), sha256, await digestOfPlugin(own));
      const extraction = { name: entry, destination: staged, largestBytes: LARGEST_BYTES, signal: options.signal };
      if (!(await extractFromZip(own, extraction))) {
        throw new PluginError(`${basename(location)} does not hold ${entry}`, { code: "TPK4007", hint: "Its authors need to know." });
      }
      await chmod(staged, 0o755);
      const digest = await digestOfPlugin(staged);
      // Before anything of it is run.
      requireLockedBinary(address, version.text, options.expectedDigest, digest);
      if (isCurrent(platform)) {
        const wanted = { version: version.version, text: version.text, api };
        requireRelease(await describeBinary(staged, digest, { ...options, staging }), wanted);
      }
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

function platformOf(text: string): PluginPlatform {
  const [os = "", architecture = ""] = text.split("_");
  return { os, architecture };
}

function isCurrent({ os, architecture }: PluginPlatform): boolean {
  const current = currentPlatform();
  return os === current.os && architecture === current.architecture;
}

function requireArchive(name: string, published: string, actual: string): void {
  if (published === actual) return;
  throw new PluginError(`${name} was changed while it was being installed: its SHA-256 is ${actual}, published is ${published}`, {
    code: "TPK4007",
    hint: "Find out who else writes to the folder that it comes from.",
  });
}

function requireLockedBinary({ source }: PluginAddress, version: string, locked: string | undefined, actual: string): void {
  if (locked === undefined || locked === actual) return;
  throw new PluginError(`the executable of ${source} ${version} is not the locked one: its SHA-256 is ${actual}, locked is ${locked}`, {
    code: "TPK4008",
    hint: "Find out who has changed it before you take the entry out of tspack.lock.",
  });
}
