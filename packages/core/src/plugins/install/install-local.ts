// `plugins install -path` (row INS-09).
import { copyFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { errorText, PluginError } from "../../diagnostics/error.ts";
import { currentPlatform } from "../file-name.ts";
import { parsePluginAddress } from "./address.ts";
import { describeBinary } from "./check-binary.ts";
import type { InstalledPlugin, InstallOptions } from "./install-options.ts";
import { alone, digestOfPlugin, installationFolder, installedFileName, installedPath, placePlugin, withStaging } from "./plugin-folder.ts";

/**
 * Copies an executable of the user's to where the plugins of its address are. It is run to say what it is: a release or a `-dev` version.
 * What is installed there already is replaced. Throws `PluginError` (TPK4007, TPK4001).
 */
export async function installLocalPlugin(source: string, path: string, options: InstallOptions): Promise<InstalledPlugin> {
  const address = parsePluginAddress(source);
  const folder = installationFolder(options);
  const file = resolve(options.workingDirectory, path);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) {
    throw new PluginError(`${path} is no file`, { code: "TPK4007", hint: "-path names the executable of the plugin." });
  }
  const platform = currentPlatform();
  return alone(folder, options, () =>
    withStaging(folder, async (staging) => {
      // What is described is what is installed, whatever happens to the original meanwhile.
      const draft = join(staging, installedFileName({ address, version: "0.0.0", api: "x0.0", platform }));
      await copyFile(file, draft).catch((cause: unknown) => {
        throw new PluginError(`${path} could not be copied: ${errorText(cause)}`, { code: "TPK4007", cause });
      });
      const digest = await digestOfPlugin(draft);
      const { description, version } = await describeBinary(draft, digest, { ...options, staging }).catch((cause: unknown) => {
        // The name of the copy says nothing to anybody.
        if (cause instanceof PluginError) {
          throw new PluginError(cause.message.replaceAll(draft, path), {
            code: cause.code,
            cause: cause.cause,
            hint: cause.hint?.replaceAll(draft, path).replaceAll(basename(draft), path),
          });
        }
        throw cause;
      });
      if (version.prerelease !== "" && version.prerelease !== "dev") {
        throw new PluginError(`${basename(file)} says that it is ${description.version}: of pre-releases only -dev can be installed`, {
          code: "TPK4007",
          hint: "Build it as a release, or as a -dev version.",
        });
      }
      const number = version.numbers.join(".");
      const text = version.prerelease === "" ? number : `${number}-${version.prerelease}`;
      const target = installedPath(folder, { address, version: text, api: description.apiVersion, platform });
      await placePlugin(draft, target, digest);
      return { source, version: text, api: description.apiVersion, file: target, digest };
    }),
  );
}
