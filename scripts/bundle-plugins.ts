// Writes the programs of the plugins that ship with tspack: each is one file that needs nothing but Node, so that Packer can run it too.
import { join } from "node:path";
import { type BuildOptions, type BuildResult, build } from "esbuild";
import { builtinsLater } from "./bundle-libraries.ts";

/** Plugins that packages/cli depends on, by the folders of their packages. */
export const shippedPlugins = ["plugin-qemu"] as const;

/** What a plugin's program is called, and what it is made of. */
export interface PluginBundle {
  /** Folder for its files. */
  readonly folder: string;
  /** Path of the program, which has no extension and is to be executable. */
  readonly program: string;
  readonly result: BuildResult;
}

/** Bundles a plugin; writes nothing. `shared` are the options of every bundle of tspack. */
export async function bundlePlugin(root: string, name: (typeof shippedPlugins)[number], shared: BuildOptions): Promise<PluginBundle> {
  const folder = join(root, "packages", name, "dist");
  const program = join(folder, `packer-${name}`);
  const result = await build({
    ...shared,
    entryPoints: [join(root, "packages", name, "src/main.ts")],
    outfile: program,
    format: "cjs",
    // Kept compiled, as the program is.
    charset: "ascii",
    metafile: true,
    // Native parts of the SSH library, which does without them.
    external: ["*.node", "cpu-features"],
    define: { "import.meta.url": "moduleUrl", "import.meta.dirname": "__dirname", "import.meta.filename": "__filename" },
    banner: { js: '#!/usr/bin/env node\nconst moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
    plugins: [builtinsLater],
  });
  return { folder, program, result };
}
