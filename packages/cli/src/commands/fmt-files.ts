import { readdirSync, type Stats, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileTrouble } from "@tspack/core";

/** A file to be formatted, or why one that was named cannot be. */
export type FmtFile = { readonly path: string; readonly trouble?: undefined } | { readonly path: string; readonly trouble: string };

/** The files that a word of the command line means (row DET-12), in the order of their names; `path` is as the user would write it. */
export function* fmtFiles(word: string, options: { readonly workingDirectory: string; readonly isRecursive: boolean }): Generator<FmtFile> {
  const absolute = resolve(options.workingDirectory, word);
  let stats: Stats | undefined;
  try {
    stats = statSync(absolute, { throwIfNoEntry: false });
  } catch (error) {
    yield { path: word, trouble: `It could not be read: ${fileTrouble(error)}.` };
    return;
  }
  if (stats === undefined) yield { path: word, trouble: "There is no such file or folder." };
  else if (stats.isDirectory()) yield* folderFiles(word, options);
  else if (!isTemplate(word)) {
    yield { path: word, trouble: "Only files whose names end in .pkr.hcl or .pkrvars.hcl are formatted." };
  } else if (!stats.isFile()) yield { path: word, trouble: "It is no regular file." };
  else yield { path: word };
}

// --- internal ---

function* folderFiles(folder: string, options: { readonly workingDirectory: string; readonly isRecursive: boolean }): Generator<FmtFile> {
  let entries: { readonly name: string; isDirectory(): boolean }[];
  try {
    entries = readdirSync(resolve(options.workingDirectory, folder), { withFileTypes: true });
  } catch (error) {
    yield { path: folder, trouble: `The folder could not be read: ${fileTrouble(error)}.` };
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (isIgnored(entry.name)) continue;
    const path = join(folder, entry.name);
    // A link to a folder is not followed: it may lead back here.
    if (entry.isDirectory()) {
      if (options.isRecursive) yield* folderFiles(path, options);
    } else if (isTemplate(entry.name)) yield* fmtFiles(path, options);
  }
}

function isTemplate(name: string): boolean {
  return name.endsWith(".pkr.hcl") || name.endsWith(".pkrvars.hcl");
}

/** Hidden files, and what editors leave behind. */
function isIgnored(name: string): boolean {
  return name.startsWith(".") || name.endsWith("~") || (name.startsWith("#") && name.endsWith("#"));
}
