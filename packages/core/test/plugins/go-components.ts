// Real Go components: those that Debian's packer 1.6.6 serves itself, each started by a small script under the name of a plugin of
// one component. Specifications come as gob, the handshake has three fields.
import { join } from "node:path";
import { findLabProgram, tmp, writeScript } from "../../../../test/support/src/index.ts";
import { type PluginCatalog, type PluginCatalogOptions, pluginCatalog } from "../../src/plugins/catalog.ts";

/** A folder with scripts that start components of packer. */
export function packerScripts(...names: readonly string[]): string {
  const folder = tmp("plugins");
  for (const name of names) writeScript(join(folder, name), `exec ${findLabProgram("packer")} plugin ${name}`);
  return folder;
}

/** The catalog with the plugins of a folder alone. */
export function catalogIn(folder: string, changes: Partial<PluginCatalogOptions> = {}): PluginCatalog {
  return pluginCatalog({
    environment: { ...process.env, PACKER_PLUGIN_PATH: folder, PACKER_CACHE_DIR: tmp("cache") },
    workingDirectory: folder,
    ...changes,
  });
}
