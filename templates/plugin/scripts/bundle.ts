// Makes the one file that the plugin is, under the name by which Packer and tspack find it when it is installed, with its checksum.
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { pluginFileName } from "@tspack/core/sdk/release";
import { build } from "esbuild";
import { plugin } from "../src/plugin.ts";

/** Bundles the plugin and returns the path of its file. */
export async function bundle(): Promise<string> {
  // A file without an extension is what the nearest package.json says, and this one is CommonJS.
  mkdirSync("dist", { recursive: true });
  writeFileSync("dist/package.json", '{ "type": "commonjs" }\n');
  const file = `dist/${pluginFileName(plugin)}`;
  await build({
    entryPoints: ["src/main.ts"],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    banner: { js: "#!/usr/bin/env node" },
    // Native parts of the SSH library, which does without them.
    external: ["*.node", "cpu-features"],
    logLevel: "warning",
  });
  chmodSync(file, 0o755);
  writeFileSync(`${file}_SHA256SUM`, createHash("sha256").update(readFileSync(file)).digest("hex"));
  return file;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(await bundle());
