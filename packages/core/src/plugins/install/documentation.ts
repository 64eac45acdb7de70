// The documentation of an installed plugin: an archive of Markdown pages, beside the plugin or where its releases come from. It is
// text by anybody: what is read of it is bounded, and nothing in it is run.
import { createHash } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { readZipTexts } from "../../archive/zip-reader.ts";
import { PluginError } from "../../diagnostics/error.ts";
import { pluginCacheDirectory } from "../directories.ts";
import { recallAge, remember } from "../remembered.ts";
import { parsePluginAddress } from "./address.ts";
import { type SourceOptions, sourcesOf } from "./sources.ts";

/** A plugin whose documentation is wanted. */
export interface DocumentedPlugin {
  /** Absolute path. */
  readonly file: string;
  /** Address and version, of a plugin that was released. */
  readonly source?: string | undefined;
  readonly version?: string | undefined;
}

export interface DocumentationOptions extends SourceOptions {
  /** Ask nobody: what lies beside the plugin, and what earlier runs got, is used. */
  readonly isOffline?: boolean | undefined;
  /** How long it may take to ask; a minute unless given. */
  readonly limitMs?: number | undefined;
}

const LARGEST_PAGES_BYTES = 32 * 1024 * 1024;
const MOST_PAGES = 2_000;
/** All that is asked for one plugin takes at most so long. */
const LIMIT_MS = 60_000;
/** How long it holds that there is no documentation. */
const NOTHING_HOLDS_MS = 24 * 60 * 60_000;

/**
 * The pages of a plugin's documentation by their paths; undefined when there are none. Looks for `NAME_vVERSION_docs.zip` or `docs.zip`
 * beside the plugin, then at what was downloaded before, then where its releases come from; that there is nothing, or nobody answers, is
 * remembered for a day.
 * Throws `PluginError` (TPK4007) when a source cannot be asked, and `BuildError` (TPK7001) for an archive that cannot be read.
 */
export async function pluginDocumentation(
  plugin: DocumentedPlugin,
  options: DocumentationOptions,
): Promise<ReadonlyMap<string, string> | undefined> {
  const archive = await documentationArchive(plugin, options);
  if (archive === undefined) return undefined;
  try {
    return await readZipTexts(archive, { isWanted: isPage, mostEntries: MOST_PAGES, largestBytes: LARGEST_PAGES_BYTES });
  } catch (error) {
    // The next run gets another one, perhaps a better.
    if (archive !== (await archiveBeside(plugin))) await rm(archive, { force: true });
    throw error;
  }
}

/** The archive itself; undefined when there is none, which an empty one beside the plugin also says. Throws as `pluginDocumentation`. */
export async function documentationArchive(plugin: DocumentedPlugin, options: DocumentationOptions): Promise<string | undefined> {
  const beside = await archiveBeside(plugin);
  if (beside === undefined) return downloadedArchive(plugin, options);
  return (await stat(beside)).size > 0 ? beside : undefined;
}

// --- internal ---

function isPage(path: string): boolean {
  return /\.mdx?$/.test(path) && /(?:^|\/)(?:docs|docs-partials|\.web-docs)\//.test(path);
}

async function archiveBeside({ file, version }: DocumentedPlugin): Promise<string | undefined> {
  const stem = /^(packer-plugin-.+?_v[^_]+)_/.exec(basename(file))?.[1];
  // Several versions lie in one folder: an archive without one in its name may be of any of them.
  const names = version === undefined || stem === undefined ? ["docs.zip"] : [`${stem}_docs.zip`];
  for (const name of names) {
    const path = join(dirname(file), name);
    if ((await stat(path).catch(() => undefined))?.isFile() === true) return path;
  }
  return undefined;
}

async function downloadedArchive({ source, version }: DocumentedPlugin, options: DocumentationOptions): Promise<string | undefined> {
  if (source === undefined || version === undefined) return undefined;
  const key = createHash("sha256").update(`${source.toLowerCase()}\0${version}`).digest("hex").slice(0, 32);
  const archive = join(pluginCacheDirectory(options.environment), `docs-${key}.zip`);
  const known = await recallAge(archive);
  if (known !== undefined && known.sizeBytes > 0) return archive;
  // An empty file says that there was nothing. Of pre-releases nothing is published.
  const isFresh = known !== undefined && Date.now() - known.writtenAtMs < NOTHING_HOLDS_MS;
  if (isFresh || options.isOffline === true || version.includes("-")) return undefined;
  const limit = AbortSignal.timeout(options.limitMs ?? LIMIT_MS);
  try {
    const content = await publishedArchive(source, version, { ...options, signal: AbortSignal.any([options.signal, limit]) });
    if (content === undefined) await rememberNothing(archive);
    else await remember(archive, content);
    return content === undefined ? undefined : archive;
  } catch (cause) {
    if (options.signal.aborted) throw cause;
    // Nobody is kept waiting again for what is good to have.
    await rememberNothing(archive);
    if (!limit.aborted) throw cause;
    throw new PluginError(`nobody has sent it within ${(options.limitMs ?? LIMIT_MS) / 1000} s`, { code: "TPK4007", cause });
  }
}

async function publishedArchive(source: string, version: string, options: SourceOptions): Promise<Buffer | undefined> {
  const address = parsePluginAddress(source);
  for (const one of sourcesOf(address, options)) {
    const content = await one.documentation?.(address, version);
    if (content !== undefined) return content;
  }
  return undefined;
}

/** Not being able to remember that there is nothing only costs asking again. */
async function rememberNothing(archive: string): Promise<void> {
  await remember(archive, "").catch(() => undefined);
}
