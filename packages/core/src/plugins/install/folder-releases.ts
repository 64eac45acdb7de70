// Releases in a folder of this machine: the archives and lists of checksums of either layout, in any folder below it.
import { opendir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { PluginError } from "../../diagnostics/error.ts";
import { readBoundedFile } from "../../files/bounded-file.ts";
import { fileTrouble } from "../../files/file-trouble.ts";
import { parseVersion } from "../version.ts";
import { parsePublishedSums } from "./published-sums.ts";
import { type ReleaseSource, SIGNATURE_SUFFIXES } from "./release-source.ts";

/**
 * Releases in a folder. Its lists of checksums say what there is; in HashiCorp's layout the manifest has to lie beside. What it is asked
 * rejects with a `PluginError` (TPK4007) for a folder that cannot be read, has more than `mostEntries` files and folders, or holds lists
 * that are too large to be any.
 */
export function folderReleases(folder: string, mostEntries = MOST_ENTRIES): ReleaseSource {
  const lists = async (name: string): Promise<readonly { readonly file: string; readonly version: string }[]> => {
    const found: { readonly file: string; readonly version: string }[] = [];
    await eachEntry(folder, mostEntries, ({ name: entry, parentPath }) => {
      const [, plugin, version] = /^packer-plugin-(.+)_v?([^_]+)_SHA256SUMS$/.exec(entry) ?? [];
      if (plugin === name && version !== undefined) found.push({ file: join(parentPath, entry), version });
    });
    return found;
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
      const text = (await readSmall(list)).toString();
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

/** Calls `take` with everything in a folder and those below it. */
async function eachEntry(
  folder: string,
  most: number,
  take: (entry: { readonly name: string; readonly parentPath: string }) => void,
): Promise<void> {
  let count = 0;
  const folders = [folder];
  for (let parentPath = folders.pop(); parentPath !== undefined; parentPath = folders.pop()) {
    try {
      for await (const entry of await opendir(parentPath)) {
        if (++count > most) throw new Error(`it holds more than ${most} files and folders`);
        if (entry.isDirectory()) folders.push(join(parentPath, entry.name));
        take({ name: entry.name, parentPath });
      }
    } catch (cause) {
      throw unreadable(`the folder of releases ${folder}`, fileTrouble(cause), cause);
    }
  }
}

/** Far more than all releases of all plugins are; somebody named the wrong folder. */
const MOST_ENTRIES = 100_000;
/** As for lists and pages of documentation that are downloaded. */
const LARGEST_BYTES = 16 * 1024 * 1024;

function unreadable(what: string, why: string, cause?: unknown): PluginError {
  return new PluginError(`${what} could not be read: ${why}`, {
    code: "TPK4007",
    cause,
    hint: "TSPACK_PLUGIN_MIRROR names a URL, or a folder with archives and their SHA256SUMS.",
  });
}

/** A file that is small if it is what its name says. */
async function readSmall(file: string): Promise<Buffer> {
  const content = await readBoundedFile(file, LARGEST_BYTES).catch((cause: unknown) => {
    throw unreadable(file, fileTrouble(cause), cause);
  });
  return content ?? tooLarge(file);
}

/** The same for one that may be missing. One that is there and cannot be read is as good as none. */
async function findSmall(file: string): Promise<Buffer | undefined> {
  let content: Buffer | undefined;
  try {
    content = await readBoundedFile(file, LARGEST_BYTES);
  } catch {
    return undefined;
  }
  return content ?? tooLarge(file);
}

function tooLarge(file: string): never {
  throw unreadable(file, `it is larger than ${LARGEST_BYTES / 1024 / 1024} MiB`);
}

/** Archives of several versions in one folder have names that tell them apart. */
async function readDocumentation(folder: string, versioned: string): Promise<Buffer | undefined> {
  for (const name of [versioned, "docs.zip"]) {
    const found = await readBoundedFile(join(folder, name), LARGEST_BYTES).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The signature beside the list. */
async function readSignatureOf(list: string): Promise<Buffer | undefined> {
  for (const suffix of SIGNATURE_SUFFIXES) {
    const found = await findSmall(`${list}${suffix}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The protocol that a manifest beside the list names. */
async function manifestApi(list: string): Promise<string | undefined> {
  const text = (await findSmall(list.replace(/_SHA256SUMS$/, "_manifest.json")))?.toString() ?? "";
  const [, version] = /"protocol_version"\s*:\s*"(\d+\.\d+)"/.exec(text) ?? [];
  return version === undefined ? undefined : `x${version}`;
}
