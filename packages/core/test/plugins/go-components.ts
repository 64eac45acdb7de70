// Real Go components: the plugin of e2e/go-plugin, made with the current SDK, and those that Debian's packer 1.6.6 serves itself, each started by a small script under the name of a plugin of
// one component. Specifications come as gob, the handshake has three fields.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findLabProgram, tmp } from "../../../../test/support/src/index.ts";
import { type PluginCatalog, type PluginCatalogOptions, pluginCatalog } from "../../src/plugins/catalog.ts";
import { currentPlatform } from "../../src/plugins/file-name.ts";

/** A folder with scripts that start components of packer. */
export function packerScripts(...names: readonly string[]): string {
  const folder = tmp("plugins");
  for (const name of names) writeScript(join(folder, name), `exec ${findLabProgram("packer")} plugin ${name}`);
  return folder;
}

/** An executable shell script. */
export function writeScript(file: string, text: string): void {
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
}

/** The catalog with the plugins of a folder alone. */
export function catalogIn(folder: string, changes: Partial<PluginCatalogOptions> = {}): PluginCatalog {
  return pluginCatalog({
    environment: { ...process.env, PACKER_PLUGIN_PATH: folder, PACKER_CACHE_DIR: tmp("cache") },
    workingDirectory: folder,
    ...changes,
  });
}

/** Builds the plugin of e2e/go-plugin in the given version; once per version and process. */
export function buildGoPlugin(version = "1.0.0"): string {
  const known = built.get(version);
  if (known !== undefined) return known;
  const file = join(tmp("go"), "packer-plugin-probe");
  execFileSync(findLabProgram("go") ?? "go", ["build", "-ldflags", `-s -w -X main.pluginVersion=${version}`, "-o", file, "."], {
    cwd: fileURLToPath(new URL("../../../../e2e/go-plugin", import.meta.url)),
    stdio: ["ignore", "ignore", "inherit"],
  });
  built.set(version, file);
  return file;
}

/** Installs a plugin's file as Packer does, with its checksum file. Returns where it is. */
export function installPlugin(
  folder: string,
  file: string,
  version = "1.0.0",
  { api = "x5.0", source = "github.com/tspack/probe" } = {},
): string {
  const { os, architecture } = currentPlatform();
  const name = source.split("/").at(-1) ?? "";
  const installed = join(folder, source, `packer-plugin-${name}_v${version}_${api}_${os}_${architecture}`);
  mkdirSync(dirname(installed), { recursive: true });
  copyFileSync(file, installed);
  chmodSync(installed, 0o755);
  writeFileSync(`${installed}_SHA256SUM`, createHash("sha256").update(readFileSync(file)).digest("hex"));
  return installed;
}

/** Command lines of processes that run a file of this folder (Linux). */
export function runningFrom(folder: string): readonly string[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return command.includes(folder) ? [command] : [];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}

const built = new Map<string, string>();
