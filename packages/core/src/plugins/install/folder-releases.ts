// Releases in a folder of this machine: the archives and lists of checksums of either layout, in any folder below it.
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorText, PluginError } from "../../diagnostics/error.ts";
import { parseVersion } from "../version.ts";
import { parsePublishedSums } from "./published-sums.ts";
import type { ReleaseSource } from "./release-source.ts";

/** Releases in a folder. Its lists of checksums say what there is; in HashiCorp's layout the manifest has to lie beside. */
export function folderReleases(folder: string): ReleaseSource {
  const lists = async (name: string): Promise<readonly { readonly file: string; readonly version: string }[]> => {
    const files = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
      throw new PluginError(`${folder} could not be read: ${errorText(cause)}`, { code: "TPK4007", cause });
    });
    return files.flatMap((file) => {
      const [, found, version] = /^packer-plugin-(.+)_v?([^_]+)_SHA256SUMS$/.exec(basename(file)) ?? [];
      return found === name && version !== undefined ? [{ file: join(folder, file), version }] : [];
    });
  };
  return {
    title: folder,
    async versions({ name }) {
      const found = (await lists(name)).flatMap(({ version: text }) => {
        const version = parseVersion(text);
        return version === undefined ? [] : [{ text, version }];
      });
      return found.length === 0 ? undefined : found;
    },
    async release({ name }, version) {
      const list = (await lists(name)).find((one) => one.version === version.text)?.file;
      if (list === undefined) return undefined;
      const api = await manifestApi(list);
      return parsePublishedSums(await readFile(list, "utf8"), name, version).flatMap(({ api: named = api, file, ...rest }) =>
        named === undefined ? [] : [{ ...rest, api: named, location: join(dirname(list), file) }],
      );
    },
  };
}

// --- internal ---

/** The protocol that a manifest beside the list names. */
async function manifestApi(list: string): Promise<string | undefined> {
  const text = await readFile(list.replace(/_SHA256SUMS$/, "_manifest.json"), "utf8").catch(() => "");
  const [, version] = /"protocol_version"\s*:\s*"(\d+\.\d+)"/.exec(text) ?? [];
  return version === undefined ? undefined : `x${version}`;
}
