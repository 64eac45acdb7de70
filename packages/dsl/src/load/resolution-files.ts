// What besides the bundled files decides what a bundle is: settings files, and files that are not there.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Metafile } from "esbuild";
import { contentHash, type HashedFile, impliedExtensions } from "./source-file.ts";

const settingsNames = ["tsconfig.json", "package.json"];

/** Settings files that were in effect, and files whose appearance would change the bundle. */
export function resolutionFiles(folder: string, metafile: Metafile): { readonly settings: HashedFile[]; readonly absent: string[] } {
  const settings = new Map<string, string>();
  const absent = new Set<string>();
  const folders = new Set<string>();
  for (const [input, { imports }] of Object.entries(metafile.inputs)) {
    if (isVirtual(input)) continue;
    const file = resolve(folder, input);
    folders.add(dirname(file));
    for (const { path, original, external } of imports) {
      if (external || original === undefined || isVirtual(path) || !/^\.\.?(\/|$)/.test(original)) continue;
      for (const earlier of candidatesBefore(resolve(dirname(file), original), resolve(folder, path))) absent.add(earlier);
    }
  }
  for (const start of folders) {
    for (const name of settingsNames) addNearest(start, name, settings, absent);
  }
  return { settings: [...settings].map(([path, hash]) => ({ path, hash })), absent: [...absent] };
}

function isVirtual(path: string): boolean {
  return path.startsWith("tspack-");
}

/** The paths esbuild would have taken for an import before the one it found. */
function candidatesBefore(wanted: string, found: string): string[] {
  if (wanted === found) return [];
  const candidates = [wanted, ...impliedExtensions.map((extension) => wanted + extension)];
  const place = candidates.indexOf(found);
  // Found as `x.ts` for `x.js`, or as the index of a folder: then none of them exists.
  return (place < 0 ? candidates : candidates.slice(0, place)).filter((candidate) => !existsSync(candidate));
}

/** Walks up to the nearest file of that name, noting where there was none. */
function addNearest(start: string, name: string, settings: Map<string, string>, absent: Set<string>): void {
  for (let folder = start; ; folder = dirname(folder)) {
    const path = join(folder, name);
    if (settings.has(path)) return;
    if (absent.has(path) || !addSettings(path, settings)) absent.add(path);
    else return;
    if (dirname(folder) === folder) return;
  }
}

/** Adds a settings file and what it extends. False when it is not there. */
function addSettings(path: string, settings: Map<string, string>): boolean {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // Not there, or a folder: esbuild does not see it either.
    return false;
  }
  settings.set(path, contentHash(text));
  if (!path.endsWith("package.json")) {
    for (const [, base] of text.matchAll(/"(\.{1,2}\/[^"]*)"/g)) {
      if (base === undefined || base.includes("*")) continue;
      const extended = resolve(dirname(path), base.endsWith(".json") ? base : `${base}.json`);
      if (!settings.has(extended)) addSettings(extended, settings);
    }
  }
  return true;
}
