// Makes the one file that is released, under the name that Packer wants, with its checksum beside it.
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { plugin } from "../src/plugin.ts";

// The file is the same for all of them; Packer wants one for each. As Go calls them.
const platforms = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"];

// A file without an extension is what the nearest package.json says, and these are CommonJS.
mkdirSync("dist", { recursive: true });
writeFileSync("dist/package.json", '{ "type": "commonjs" }\n');

for (const platform of platforms) {
  const outfile = `dist/packer-plugin-${plugin.name}_v${plugin.version}_x5.0_${platform}`;
  await build({
    entryPoints: ["src/main.ts"],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    banner: { js: "#!/usr/bin/env node" },
    // Native parts of the SSH library, which does without them.
    external: ["*.node", "cpu-features"],
    logLevel: "warning",
  });
  chmodSync(outfile, 0o755);
  writeFileSync(`${outfile}_SHA256SUM`, createHash("sha256").update(readFileSync(outfile)).digest("hex"));
  console.log(outfile);
}
