// Real plugins for tests: the one of e2e/go-plugin, made with HashiCorp's SDK, and what runs of it.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { currentPlatform } from "../../../packages/core/src/plugins/file-name.ts";
import { findLabProgram } from "./lab.ts";
import { tmp } from "./tmp.ts";

/** An executable shell script. */
export function writeScript(file: string, text: string): void {
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
}

/** Builds the plugin of e2e/go-plugin in the given version; once per version and process. */
export function buildGoPlugin(version = "1.0.0"): string {
  return buildGo(".", "packer-plugin-probe", version);
}

/** Builds the host of e2e/go-plugin, which drives a plugin as Packer does; once per process. */
export function buildGoHost(): string {
  return buildGo("./host", "host", "1.0.0");
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

// --- internal ---

const built = new Map<string, string>();

function buildGo(folder: string, name: string, version: string): string {
  const key = `${name} ${version}`;
  const known = built.get(key);
  if (known !== undefined) return known;
  const file = join(tmp("go"), name);
  execFileSync(findLabProgram("go") ?? "go", ["build", "-ldflags", `-s -w -X main.pluginVersion=${version}`, "-o", file, folder], {
    cwd: fileURLToPath(new URL("../../../e2e/go-plugin", import.meta.url)),
    stdio: ["ignore", "ignore", "inherit"],
  });
  built.set(key, file);
  return file;
}
