// The sample plugin as it is released: one executable file.
import { chmodSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { tmp } from "../../../../../test/support/src/index.ts";

let bundled: Promise<string> | undefined;

/** The path of the bundled sample plugin; made once per process. */
export function samplePlugin(): Promise<string> {
  bundled ??= bundle();
  return bundled;
}

/** Puts the sample plugin into a folder under other names. */
export async function placePlugin(folder: string, ...names: readonly string[]): Promise<void> {
  const from = await samplePlugin();
  for (const name of names) {
    copyFileSync(from, join(folder, name));
    chmodSync(join(folder, name), 0o755);
  }
}

async function bundle(): Promise<string> {
  const outfile = join(tmp("bundle"), "packer-plugin-sample");
  await build({
    entryPoints: [fileURLToPath(new URL("./sample-plugin.ts", import.meta.url))],
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
