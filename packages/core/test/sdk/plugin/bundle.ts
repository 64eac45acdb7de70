// Plugins of the tests as they are released: one executable file.
import { chmodSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { tmp } from "../../../../../test/support/src/index.ts";

const bundled = new Map<string, Promise<string>>();

/** The path of the bundled sample plugin; made once per process. */
export function samplePlugin(): Promise<string> {
  return bundlePlugin("sample", new URL("./sample-plugin.ts", import.meta.url));
}

/** The path of the bundled twin of the Go plugin; made once per process. */
export function twinPlugin(): Promise<string> {
  return bundlePlugin("twin", new URL("../../protocol/peers/twin-plugin.ts", import.meta.url));
}

/** The path of the bundled plugin that breaks the protocol; made once per process. */
export function hostilePlugin(): Promise<string> {
  return bundlePlugin("hostile", new URL("../../protocol/peers/hostile-plugin.ts", import.meta.url));
}

/** Puts the sample plugin into a folder under other names. */
export async function placePlugin(folder: string, ...names: readonly string[]): Promise<void> {
  placeCopies(folder, await samplePlugin(), names);
}

/** Puts the twin plugin into a folder under other names. */
export async function placeTwin(folder: string, ...names: readonly string[]): Promise<void> {
  placeCopies(folder, await twinPlugin(), names);
}

// --- internal ---

function placeCopies(folder: string, from: string, names: readonly string[]): void {
  for (const name of names) {
    copyFileSync(from, join(folder, name));
    chmodSync(join(folder, name), 0o755);
  }
}

function bundlePlugin(name: string, entry: URL): Promise<string> {
  const made = bundled.get(name) ?? bundle(name, entry);
  bundled.set(name, made);
  return made;
}

async function bundle(name: string, entry: URL): Promise<string> {
  const outfile = join(tmp("bundle"), `packer-plugin-${name}`);
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20.19",
    // Native parts of the SSH library, which does without them.
    external: ["*.node", "cpu-features"],
    conditions: ["source"],
    banner: { js: `#!${process.execPath}` },
  });
  chmodSync(outfile, 0o755);
  return outfile;
}
