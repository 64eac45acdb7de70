// What the name of a plugin's file says (plugin-protocol sections 2.1, 13.2 and 14, rows PLG-02 to PLG-06).
import type { ComponentKind } from "../sdk/component.ts";

/** Go's names of systems and processors, as they stand in file names. */
export interface PluginPlatform {
  /** `linux`, `darwin`, `windows`, … */
  readonly os: string;
  /** `amd64`, `arm64`, … */
  readonly architecture: string;
}

/** What a file is by its name. */
export type PluginFileName =
  /** Installed: many components, with a version. */
  | { readonly form: "installed"; readonly name: string; readonly version: string; readonly api: string; readonly platform: PluginPlatform }
  /** Many components, put there by hand. */
  | { readonly form: "plain"; readonly name: string }
  /** One component, as before Packer 1.7. */
  | { readonly form: "single"; readonly kind: ComponentKind; readonly type: string };

/** The platform of this process in Go's words. */
export function currentPlatform(): PluginPlatform {
  return {
    os: process.platform === "win32" ? "windows" : process.platform,
    architecture: goArchitectures[process.arch] ?? process.arch,
  };
}

/** This system, as archives and the lock file name it: `linux_amd64`. */
export function platformName(): string {
  const { os, architecture } = currentPlatform();
  return `${os}_${architecture}`;
}

/** What the name of a file says; undefined when it is not the name of a plugin. On Windows plugins end in `.exe`. */
export function parsePluginFileName(file: string, platform: PluginPlatform): PluginFileName | undefined {
  if (file.endsWith("_SHA256SUM")) return undefined;
  const isWindows = platform.os === "windows";
  if (isWindows && !file.toLowerCase().endsWith(".exe")) return undefined;
  const stem = isWindows ? file.slice(0, -".exe".length) : file;
  const installed = /^packer-plugin-([0-9A-Za-z-]+)_v([^_]+)_x(\d+\.\d+)_([0-9a-z]+)_([0-9a-z]+)$/.exec(stem);
  if (installed !== null) {
    const [, name = "", version = "", api = "", os = "", architecture = ""] = installed;
    return { form: "installed", name, version, api: `x${api}`, platform: { os, architecture } };
  }
  const [, kind = "", name = ""] =
    /^packer-(plugin|builder|provisioner|post-processor|datasource)-([0-9A-Za-z][0-9A-Za-z-]*)$/.exec(stem) ?? [];
  switch (kind) {
    case "plugin":
      return { form: "plain", name };
    case "builder":
    case "provisioner":
    case "post-processor":
    case "datasource":
      return { form: "single", kind, type: name };
    default:
      return undefined;
  }
}

/** True for a version as it has to stand in a file name: three numbers without leading zeros, no metadata (row PLG-04). */
export function isCanonicalVersion(version: string): boolean {
  return /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/.test(version);
}

// --- internal ---

const goArchitectures: { readonly [architecture: string]: string } = {
  x64: "amd64",
  ia32: "386",
  arm: "arm",
  arm64: "arm64",
  s390x: "s390x",
};
