// Releases in a folder of this machine: the archives and lists of checksums of either layout, in any folder below it.
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { PluginError } from "../../diagnostics/error.ts";
import { fileTrouble } from "../../files/file-trouble.ts";
import { parseVersion } from "../version.ts";
import { parsePublishedSums } from "./published-sums.ts";
import { type ReleaseSource, SIGNATURE_SUFFIXES } from "./release-source.ts";

/** Releases in a folder. Its lists of checksums say what there is; in HashiCorp's layout the manifest has to lie beside. */
export function folderReleases(folder: string): ReleaseSource {
  const lists = async (name: string): Promise<readonly { readonly file: string; readonly version: string }[]> => {
    const files = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
      throw new PluginError(`the folder of releases ${folder} could not be read: ${fileTrouble(cause)}`, {
        code: "TPK4007",
        cause,
        hint: "TSPACK_PLUGIN_MIRROR names a URL, or a folder with archives and their SHA256SUMS.",
      });
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
      const text = await readFile(list, "utf8");
      const archives = parsePublishedSums(text, name, version).flatMap(({ api: named = api, file, ...rest }) =>
        named === undefined ? [] : [{ ...rest, api: named, location: join(dirname(list), file) }],
      );
      return { archives, sums: { name: basename(list), text }, signature: () => readSignatureOf(list) };
    },
    async documentation({ name }, version) {
      const list = (await lists(name)).find((one) => one.version === version)?.file;
      return list === undefined ? undefined : readDocumentation(dirname(list), `packer-plugin-${name}_v${version}_docs.zip`);
    },
  };
}

// --- internal ---

/** Archives of several versions in one folder have names that tell them apart. */
async function readDocumentation(folder: string, versioned: string): Promise<Buffer | undefined> {
  for (const name of [versioned, "docs.zip"]) {
    const file = join(folder, name);
    if (((await stat(file).catch(() => undefined))?.size ?? Number.POSITIVE_INFINITY) <= LARGEST_DOCUMENTATION_BYTES) return readFile(file);
  }
  return undefined;
}

/** As for archives that are downloaded. */
const LARGEST_DOCUMENTATION_BYTES = 16 * 1024 * 1024;

/** The signature beside the list. One that is there and cannot be read is as good as none. */
async function readSignatureOf(list: string): Promise<Buffer | undefined> {
  for (const suffix of SIGNATURE_SUFFIXES) {
    const found = await readFile(`${list}${suffix}`).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The protocol that a manifest beside the list names. */
async function manifestApi(list: string): Promise<string | undefined> {
  const text = await readFile(list.replace(/_SHA256SUMS$/, "_manifest.json"), "utf8").catch(() => "");
  const [, version] = /"protocol_version"\s*:\s*"(\d+\.\d+)"/.exec(text) ?? [];
  return version === undefined ? undefined : `x${version}`;
}
