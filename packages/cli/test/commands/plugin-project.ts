// A folder with programs that require plugins, and a plugin folder and a mirror of its own.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmp } from "@tspack/test-support";
import { type ReleaseServer, releaseServer } from "../../../core/test/plugins/install/release-server.ts";
import { type TspackOptions, type TspackResult, tspack } from "../support/tspack.ts";

/** The address that programs require. */
export const source = "github.com/acme/acme";

export interface PluginProject {
  readonly cwd: string;
  readonly options: TspackOptions;
  run(...words: readonly string[]): Promise<TspackResult>;
}

/** A folder for programs with an empty plugin folder, and `run` to run commands there. */
export function project(mirror?: string): PluginProject {
  const cwd = tmp("plugins");
  const plugins = join(cwd, "plugins");
  mkdirSync(plugins);
  const env = {
    PACKER_PLUGIN_PATH: plugins,
    PACKER_CACHE_DIR: join(cwd, "cache"),
    PACKER_GITHUB_API_TOKEN: undefined,
    TSPACK_PLUGIN_MIRROR: mirror,
  };
  return { cwd, options: { cwd, env }, run: (...words) => tspack(words, { cwd, env }) };
}

/** Writes an `image.ts` that requires the plugin, says `more` to `packer()`, and has a source of this type. */
export function writeProgram(cwd: string, more = "", type = "null"): void {
  const required = `{ mine: { version: "~> 1.0", source: "${source}" } }`;
  writeFileSync(
    join(cwd, "image.ts"),
    `import { build, packer, source } from "tspack";\npacker({ required_plugins: ${required}${more} });\nexport default build({ sources: [source("${type}", "a", { communicator: "none" })] });\n`,
  );
}

/** A project with a program, whose mirror publishes some versions. */
export async function withMirror(body: (made: PluginProject & { readonly server: ReleaseServer }) => Promise<void>): Promise<void> {
  const server = await releaseServer({ repository: "acme/acme", version: "1.0.0" }, { repository: "acme/acme", version: "1.1.0" });
  const made = project(server.url);
  writeProgram(made.cwd);
  try {
    await body({ ...made, server });
  } finally {
    await server.close();
  }
}
