import { currentPlatform } from "../../plugins/file-name.ts";

/** What a plugin's files are named after; `definePlugin` makes one. */
export interface PluginIdentity {
  readonly name: string;
  /** Without `v`. */
  readonly version: string;
}

/**
 * The platforms on which a script that Node runs is an executable, in Go's words. The same file serves them all; Windows wants a `.exe`
 * and is none of them.
 */
export const pluginPlatforms: readonly string[] = ["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"];

/**
 * The name under which Packer and tspack find a plugin that is installed: `packer-plugin-hello_v1.2.3_x5.0_linux_amd64`. `platform` is
 * this machine's unless given.
 */
export function pluginFileName({ name, version }: PluginIdentity, platform = thisPlatform()): string {
  return `packer-plugin-${name}_v${version}_x5.0_${platform}`;
}

// --- internal ---

function thisPlatform(): string {
  const { os, architecture } = currentPlatform();
  return `${os}_${architecture}`;
}
