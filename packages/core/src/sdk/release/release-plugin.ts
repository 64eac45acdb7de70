// The files of a release, as `packer init`, `packer plugins install` and tspack get them (plugin-protocol section 13.6).
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeZip } from "../../archive/zip-writer.ts";
import { ConfigError } from "../../diagnostics/error.ts";
import { isCanonicalVersion } from "../../plugins/file-name.ts";
import { type PluginIdentity, pluginFileName, pluginPlatforms } from "./plugin-file-name.ts";
import { type Signing, signFile } from "./sign.ts";

/** What is released, and where to. */
export interface ReleaseOptions {
  readonly plugin: PluginIdentity;
  /** The bundled plugin: one executable file. */
  readonly file: string;
  /** Where the release is written. What is in it of this plugin and version is replaced. */
  readonly folder: string;
  /** The platforms that the file runs on, as `linux_amd64`; `pluginPlatforms` unless given. */
  readonly platforms?: readonly string[] | undefined;
  /** Signs the list of checksums with gpg; it is not signed unless given. */
  readonly signing?: Signing | undefined;
}

/**
 * Writes a release: a zip archive for each platform, the list of their checksums, and its detached signature where there is a key. The
 * same file makes the same archives. Returns the paths of what was written. Throws a ConfigError (TPK1006) for a version that Packer does
 * not take, and a BuildError when gpg fails (TPK6006) or is not there (TPK6008); then there is no list, so that nobody publishes it.
 */
export async function releasePlugin(options: ReleaseOptions): Promise<readonly string[]> {
  const { plugin, file, folder, platforms = pluginPlatforms, signing } = options;
  const { name, version } = plugin;
  if (!isCanonicalVersion(version)) {
    throw new ConfigError(`the version ${JSON.stringify(version)} of the plugin ${name} has to be written like 1.2.3`, { code: "TPK1006" });
  }
  await mkdir(folder, { recursive: true });
  await removeOld(folder, `packer-plugin-${name}_v${version}_`);
  const { size } = await stat(file);
  const written: string[] = [];
  const sums: string[] = [];
  for (const platform of platforms) {
    const entry = pluginFileName(plugin, platform);
    const content = () => createReadStream(file);
    const archive = join(folder, `${entry}.zip`);
    await writeFile(archive, writeZip([{ name: entry, mode: 0o755, sizeBytes: size, content }], { level: 9 }));
    const digest = createHash("sha256")
      .update(await readFile(archive))
      .digest("hex");
    sums.push(`${digest}  ${entry}.zip\n`);
    written.push(archive);
  }
  const list = join(folder, `packer-plugin-${name}_v${version}_SHA256SUMS`);
  await writeFile(list, sums.join(""));
  if (signing === undefined) return [...written, list];
  try {
    return [...written, list, await signFile(list, signing)];
  } catch (error) {
    await rm(list, { force: true });
    throw error;
  }
}

// --- internal ---

/** An archive or a signature of an earlier try must not be published with this one. */
async function removeOld(folder: string, start: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(start)) await rm(join(folder, name), { force: true });
  }
}
