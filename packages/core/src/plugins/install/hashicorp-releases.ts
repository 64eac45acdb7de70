// Releases in the layout of HashiCorp's own site (plugin-protocol section 13.6).
import * as z from "zod";
import { PluginError } from "../../diagnostics/error.ts";
import { redactLocation } from "../../download/location.ts";
import { parseVersion } from "../version.ts";
import { type FetchTextOptions, fetchSignature, fetchText } from "./fetch-text.ts";
import { parsePublishedSums } from "./published-sums.ts";
import type { ReleaseSource } from "./release-source.ts";

/** Releases below a URL such as `https://releases.hashicorp.com`. */
export function hashiCorpReleases(site: string, options: FetchTextOptions): ReleaseSource {
  return {
    title: redactLocation(site),
    async versions({ name }) {
      const url = new URL(`${site}/packer-plugin-${name}/index.json`);
      const text = await fetchText(url, undefined, options);
      if (text === undefined) return undefined;
      const { versions } = parse(text, z.object({ versions: z.record(z.string(), z.unknown()) }), url);
      return Object.keys(versions).flatMap((one) => {
        const version = parseVersion(one);
        return version === undefined ? [] : [{ text: one.replace(/^v/, ""), version }];
      });
    },
    async release({ name }, version) {
      const folder = `${site}/packer-plugin-${name}/${version.text}`;
      const stem = `${folder}/packer-plugin-${name}_${version.text}`;
      const text = await fetchText(new URL(`${stem}_SHA256SUMS`), undefined, options);
      if (text === undefined) return undefined;
      const archives = parsePublishedSums(text, name, version);
      const manifestUrl = new URL(`${stem}_manifest.json`);
      const manifest = await fetchText(manifestUrl, undefined, options);
      if (manifest === undefined) return undefined;
      const schema = z.object({ metadata: z.object({ protocol_version: z.string() }) });
      const { metadata } = parse(manifest, schema, manifestUrl);
      const api = `x${metadata.protocol_version.replace(/^x/, "")}`;
      return {
        archives: archives.map(({ file, platform, sha256 }) => ({ platform, sha256, api, location: `${folder}/${file}` })),
        sums: { name: `packer-plugin-${name}_${version.text}_SHA256SUMS`, text },
        signature: () => fetchSignature(`${stem}_SHA256SUMS`, options),
      };
    },
  };
}

// --- internal ---

function parse<T>(text: string, schema: z.ZodType<T>, url: URL): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new PluginError(`${redactLocation(url)} did not answer as a site of releases does`, { code: "TPK4007", cause });
  }
}
