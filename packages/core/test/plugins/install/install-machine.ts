// A machine without plugins, whose public places are a server of its own.
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { tmp, within } from "@tspack/test-support";
import { parsePluginAddress } from "../../../src/plugins/install/address.ts";
import { requireConstraint } from "../../../src/plugins/install/constraint.ts";
import { type InstallOutcome, installPlugin } from "../../../src/plugins/install/install-plugin.ts";
import type { SourceOptions } from "../../../src/plugins/install/sources.ts";
import { type FakeRelease, platform, type ReleaseServer, releaseServer } from "./release-server.ts";

const { signal } = new AbortController();

export interface Machine {
  readonly server: ReleaseServer;
  readonly plugins: string;
  readonly options: SourceOptions;
  readonly logged: string[];
  /** Installs the newest version that fits. */
  install(source: string, constraint?: string, environment?: { readonly [name: string]: string }): Promise<InstallOutcome>;
}

/** An empty machine whose public places are a server with these releases. */
export async function onMachine(releases: readonly FakeRelease[], body: (machine: Machine) => Promise<void>): Promise<void> {
  const server = await releaseServer(...releases);
  const work = tmp("releases");
  const plugins = join(work, "plugins");
  mkdirSync(plugins);
  const logged: string[] = [];
  const environment = { PACKER_PLUGIN_PATH: plugins, PACKER_CACHE_DIR: join(work, "cache"), HOME: work, PATH: process.env.PATH };
  const sites = { releases: server.url, gitHubApi: server.url, gitHub: server.url };
  const options: SourceOptions = {
    environment,
    workingDirectory: work,
    signal,
    log: (text) => logged.push(text),
    sites,
    attempts: 3,
    firstDelayMs: 1,
  };
  const install: Machine["install"] = (source, constraint = "", more = {}) =>
    installPlugin(
      { address: parsePluginAddress(source), conditions: requireConstraint(constraint), upgrade: true },
      { ...options, environment: { ...environment, ...more } },
    );
  try {
    await within(30_000, () => body({ server, plugins, options, logged, install }));
  } finally {
    await server.close();
  }
}

/** Nothing but folders is in the plugin folder. */
export function holdsNothing(folder: string): boolean {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).every((entry) => entry.isDirectory());
}

/** The repository that most releases are of. */
export const acme = { repository: "acme/acme" } as const;

const downloads = "/acme/packer-plugin-acme/releases/download/v1.0.0/packer-plugin-acme_v1.0.0";

/** Where its version 1.0.0 has the list of checksums, and the archive for this system. */
export const sumsPath = `${downloads}_SHA256SUMS`;
export const archivePath = `${downloads}_x5.0_${platform}.zip`;
