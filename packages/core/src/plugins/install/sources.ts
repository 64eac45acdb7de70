// Where a plugin is looked for: at HashiCorp's site and GitHub, or at the mirror that the user names instead.
import { join } from "node:path";
import { PluginError } from "../../diagnostics/error.ts";
import { parseLocation, redactLocation } from "../../download/location.ts";
import { pluginCacheDirectory } from "../directories.ts";
import type { PluginAddress } from "./address.ts";
import type { FetchTextOptions } from "./fetch-text.ts";
import { folderReleases } from "./folder-releases.ts";
import { gitHubReleases } from "./github-releases.ts";
import { hashiCorpReleases } from "./hashicorp-releases.ts";
import type { InstallOptions } from "./install-options.ts";
import type { ReleaseSource } from "./release-source.ts";
import type { TrustedKey } from "./trusted-keys.ts";

/** The public places; others only in tests. */
export interface PublicSites {
  readonly releases: string;
  readonly gitHubApi: string;
  readonly gitHub: string;
}

export const publicSites: PublicSites = {
  releases: "https://releases.hashicorp.com",
  gitHubApi: "https://api.github.com",
  gitHub: "https://github.com",
};

export interface SourceOptions extends InstallOptions {
  readonly sites?: PublicSites | undefined;
  /** Who has to have signed what is downloaded; without them signatures are not looked at. */
  readonly trustedKeys?: readonly TrustedKey[] | undefined;
  /** Attempts at what may pass, and the pause before the second one; as for downloads unless given. */
  readonly attempts?: number | undefined;
  readonly firstDelayMs?: number | undefined;
}

/**
 * The places to look for a plugin, in order (row INS-01). HashiCorp's site knows no owners: it is asked for HashiCorp's plugins alone, and
 * a mirror in its layout for those, or for the plugins that it is named for. Throws `PluginError` (TPK4007) for an address that nothing
 * can be downloaded by.
 */
export function sourcesOf(address: PluginAddress, options: SourceOptions): readonly ReleaseSource[] {
  const { environment, sites = publicSites } = options;
  const fetching: FetchTextOptions = { ...options, cacheDirectory: join(pluginCacheDirectory(environment), "published") };
  const isHashiCorp = address.host === "github.com" && address.owner === "hashicorp";
  const mirror = mirrorFor(address, environment.TSPACK_PLUGIN_MIRROR ?? "");
  if (mirror !== undefined) {
    const location = parseLocation(mirror.place, options.workingDirectory);
    if (location.kind === "file") return [folderReleases(location.path)];
    if (location.kind !== "http") {
      throw new PluginError(`TSPACK_PLUGIN_MIRROR=${redactLocation(mirror.place)} is neither a folder nor an http or https URL`, {
        code: "TPK4007",
      });
    }
    const site = location.url.href.replace(/\/+$/, "");
    const releases = isHashiCorp || mirror.isNamed ? [hashiCorpReleases(site, fetching)] : [];
    return [...releases, gitHubReleases({ api: site, downloads: site }, fetching)];
  }
  if (address.host !== "github.com" || address.owner.includes("/")) {
    throw new PluginError(`${address.source} cannot be downloaded: only github.com/OWNER/NAME can`, {
      code: "TPK4007",
      hint: `Name a mirror for it, TSPACK_PLUGIN_MIRROR=${address.host}=URL, or install a file with \`tspack plugins install -path=FILE ${address.source}\`.`,
    });
  }
  const token = environment.PACKER_GITHUB_API_TOKEN || undefined;
  const gitHub = gitHubReleases({ api: sites.gitHubApi, downloads: sites.gitHub, token }, fetching);
  return isHashiCorp ? [hashiCorpReleases(sites.releases, fetching), gitHub] : [gitHub];
}

// --- internal ---

interface Mirror {
  /** A URL or folder. */
  readonly place: string;
  /** It stands for certain plugins, not for all. */
  readonly isNamed: boolean;
}

/** Entries are separated by commas: a place for all plugins, or `START=PLACE` for addresses that start so. The longest start wins. */
function mirrorFor({ source }: PluginAddress, setting: string): Mirror | undefined {
  let found: (Mirror & { readonly length: number }) | undefined;
  for (const entry of setting.split(",").map((one) => one.trim())) {
    if (entry === "") continue;
    const [, start, place] = /^([0-9A-Za-z.:-]+(?:\/[0-9A-Za-z._-]+)*\/?)=(.+)$/.exec(entry) ?? [];
    const mirror = start === undefined || place === undefined ? { place: entry, isNamed: false } : { place, isNamed: true };
    const length = start?.length ?? 0;
    const beginning = `${start?.replace(/\/$/, "") ?? ""}/`.toLowerCase();
    if (start !== undefined && !`${source}/`.toLowerCase().startsWith(beginning)) continue;
    if (found === undefined || length > found.length) found = { ...mirror, length };
  }
  return found;
}
