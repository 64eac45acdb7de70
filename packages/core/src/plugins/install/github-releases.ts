// Releases as GitHub publishes them (plugin-protocol section 13.6).
import * as z from "zod";
import { PluginError } from "../../diagnostics/error.ts";
import { redactLocation } from "../../download/location.ts";
import { parseVersion } from "../version.ts";
import { type FetchTextOptions, fetchBytes, fetchSignature, fetchText } from "./fetch-text.ts";
import { parsePublishedSums } from "./published-sums.ts";
import type { PublishedVersion, ReleaseSource } from "./release-source.ts";

export interface GitHubSite {
  /** `https://api.github.com` */
  readonly api: string;
  /** `https://github.com` */
  readonly downloads: string;
  /** Goes to the API alone. */
  readonly token?: string | undefined;
}

/** Releases of the repositories `OWNER/packer-plugin-NAME`. Versions are the tags. */
export function gitHubReleases({ api, downloads, token }: GitHubSite, options: FetchTextOptions): ReleaseSource {
  const base = (address: { readonly owner: string; readonly name: string }): string => `${address.owner}/packer-plugin-${address.name}`;
  return {
    title: redactLocation(downloads),
    async versions(address) {
      const url = new URL(`${api}/repos/${base(address)}/git/matching-refs/tags`);
      const text = await fetchText(url, token, options);
      if (text === undefined) return undefined;
      const tags = tagsIn(text, url);
      // GitHub answers an empty list for a repository that exists; a mirror may for one that does not.
      return tags.length === 0 ? undefined : tags;
    },
    async release(address, version) {
      const folder = `${downloads}/${base(address)}/releases/download/v${version.text}`;
      const name = `packer-plugin-${address.name}_v${version.text}_SHA256SUMS`;
      const text = await fetchText(new URL(`${folder}/${name}`), undefined, options);
      if (text === undefined) return undefined;
      const archives = parsePublishedSums(text, address.name, version).flatMap(({ api: spoken, file, ...rest }) =>
        spoken === undefined ? [] : [{ ...rest, api: spoken, location: `${folder}/${file}` }],
      );
      return { archives, sums: { name, text }, signature: () => fetchSignature(`${folder}/${name}`, options) };
    },
    async documentation(address, version) {
      const repository = `${downloads}/${base(address)}`;
      const published = await fetchBytes(new URL(`${repository}/releases/download/v${version}/docs.zip`), undefined, options);
      // Most releases have no such archive; the pages are in the source.
      return published ?? fetchBytes(new URL(`${repository}/archive/refs/tags/v${version}.zip`), undefined, options);
    },
  };
}

// --- internal ---

function tagsIn(text: string, url: URL): readonly PublishedVersion[] {
  try {
    const refs = z.array(z.object({ ref: z.string() })).parse(JSON.parse(text));
    return refs.flatMap(({ ref }) => {
      const tag = ref.replace(/^refs\/tags\/v?/, "");
      const version = parseVersion(tag);
      return version === undefined ? [] : [{ text: tag, version }];
    });
  } catch (cause) {
    throw new PluginError(`${redactLocation(url)} did not answer with a list of tags`, { code: "TPK4007", cause });
  }
}
