// Bundles kept between runs, one file per program in `.tspack/cache/` beside it: a line of JSON that says what the bundle was made
// of, then the code, then the source map. Holds the text of the user's files and nothing else, no values of variables.
// Whatever is wrong with an entry makes it a miss; whatever keeps one from being written is no error.
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { coreVersion } from "@tspack/core";
import { type Bundle, bundleFormat, type ExternalImport } from "./bundle.ts";
import { contentHash, type HashedFile } from "./source-file.ts";

/** A bundle out of the cache; its map is read out of the entry when asked for. */
export interface CachedBundle extends Omit<Bundle, "map"> {
  readonly map: () => string;
}

interface Header {
  readonly tools: string;
  readonly file: string;
  readonly inputs: readonly HashedFile[];
  readonly settings: readonly HashedFile[];
  readonly absent: readonly string[];
  readonly externals: readonly ExternalImport[];
  readonly codeBytes: number;
  /** Hash of all that follows the header. */
  readonly hash: string;
}

/** The bundle made of exactly the files that are there now, if there is one. Loads no esbuild. */
export function readCache(file: string): CachedBundle | undefined {
  let entry: Buffer;
  try {
    entry = readFileSync(entryPath(file));
  } catch {
    // No entry yet.
    return undefined;
  }
  const headerEnd = entry.indexOf(10);
  const header = parseHeader(entry.toString("utf8", 0, Math.max(0, headerEnd)));
  if (header === undefined || header.file !== file || header.tools !== tools()) return undefined;
  const content = entry.subarray(headerEnd + 1);
  if (contentHash(content) !== header.hash) return undefined;
  if (![...header.inputs, ...header.settings].every(isUnchanged) || header.absent.some((path) => existsSync(path))) return undefined;
  return {
    code: content.toString("utf8", 0, header.codeBytes),
    map: () => content.toString("utf8", header.codeBytes),
    inputs: header.inputs,
    settings: header.settings,
    absent: header.absent,
    externals: header.externals,
  };
}

/** Keeps a bundle. Another process may do the same at the same time: whoever is last wins, and a reader sees whole entries only. */
export function writeCache(file: string, bundle: Bundle): void {
  const code = Buffer.from(bundle.code);
  const content = Buffer.concat([code, Buffer.from(bundle.map)]);
  const header: Header = {
    tools: tools(),
    file,
    inputs: bundle.inputs,
    settings: bundle.settings,
    absent: bundle.absent,
    externals: bundle.externals,
    codeBytes: code.length,
    hash: contentHash(content),
  };
  const target = entryPath(file);
  const temporary = `${target}.${randomUUID()}`;
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(temporary, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), content]), { mode: 0o600, flag: "wx" });
    renameSync(temporary, target);
  } catch {
    // A folder that cannot be written, a full disk: the next run bundles again.
    removeQuietly(temporary);
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Then it was never written.
  }
}

function entryPath(file: string): string {
  return join(dirname(file), ".tspack", "cache", `${basename(file)}-${contentHash(file).slice(0, 12)}.bundle`);
}

/** The versions of all that has a say in what a bundle looks like. Reads esbuild's package.json, not esbuild. */
function tools(): string {
  const manifest: unknown = createRequire(import.meta.url)("esbuild/package.json");
  const version = typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "";
  return `format ${bundleFormat}, tspack ${coreVersion}, esbuild ${version}`;
}

function isUnchanged({ path, hash }: HashedFile): boolean {
  try {
    return contentHash(readFileSync(path)) === hash;
  } catch {
    // Gone, which is a change.
    return false;
  }
}

function parseHeader(text: string): Header | undefined {
  try {
    const header: unknown = JSON.parse(text);
    return isHeader(header) ? header : undefined;
  } catch {
    // Cut short or overwritten.
    return undefined;
  }
}

function isHeader(value: unknown): value is Header {
  if (typeof value !== "object" || value === null) return false;
  const header = value as { readonly [key in keyof Header]?: unknown };
  return (
    typeof header.tools === "string" &&
    typeof header.file === "string" &&
    typeof header.codeBytes === "number" &&
    typeof header.hash === "string" &&
    [header.inputs, header.settings, header.absent, header.externals].every(Array.isArray)
  );
}
