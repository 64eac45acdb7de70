// The tree of folders as a CD has it, once for each of its two ways to name things. Contents are shared by both.
import type { MediaFile, MediaFolder } from "../tree.ts";
import type { Naming } from "./names.ts";

/** Content of one file, which has one place on the CD however often it is named. */
export interface FileContent {
  readonly file: MediaFile;
  /** First sector; set when places are given out. */
  block: number;
}

/** A folder with its names in one of the trees. */
export interface Directory {
  readonly identifier: Buffer;
  readonly parent: Directory | undefined;
  /** In the order that the standard asks for (ECMA-119 §9.3). */
  readonly entries: DirectoryEntry[];
  /** How many of the entries are folders. */
  folderCount: number;
  /** In the path table, from 1. */
  readonly number: number;
  /** Place and size; set when places are given out. */
  block: number;
  sizeBytes: number;
}

/** A file or folder as its folder lists it. */
export interface DirectoryEntry {
  readonly identifier: Buffer;
  /** As the user has it. */
  readonly name: string;
  readonly target: Directory | FileContent;
}

/** True for the folder among an entry's two targets. */
export function isDirectory(target: Directory | FileContent): target is Directory {
  return "entries" in target;
}

/**
 * Names everything in a tree. The folders come out level by level, each level in the order of its parents and names: that is the order of
 * a path table (ECMA-119 §6.9.1). `contents` has what the other tree has found already.
 */
export function directoriesOf(root: MediaFolder, naming: () => Naming, contents: Map<MediaFile, FileContent>): readonly Directory[] {
  const top = directory(Buffer.from([0]), undefined, 1);
  const all: Directory[] = [top];
  const folders: MediaFolder[] = [root];
  for (let index = 0; index < all.length; index++) {
    const current = all[index];
    const folder = folders[index];
    if (current === undefined || folder === undefined) break;
    for (const { identifier, name, node } of sortedEntries(folder, naming())) {
      if (node.kind === "file") {
        const content = contents.get(node) ?? { file: node, block: 0 };
        contents.set(node, content);
        current.entries.push({ identifier, name, target: content });
      } else {
        const child = directory(identifier, current, all.length + 1);
        all.push(child);
        folders.push(node);
        current.entries.push({ identifier, name, target: child });
        current.folderCount++;
      }
    }
  }
  return all;
}

// --- internal ---

function directory(identifier: Buffer, parent: Directory | undefined, number: number): Directory {
  return { identifier, parent, entries: [], folderCount: 0, number, block: 0, sizeBytes: 0 };
}

function sortedEntries(folder: MediaFolder, naming: Naming) {
  // Names are given out in one fixed order, so that the same files always get the same ones.
  const inOrder = [...folder.entries].sort(([a], [b]) => compare(a, b));
  const named = inOrder.map(([name, node]) => ({ name, node, ...naming.name(name, node.kind === "folder") }));
  return named.sort((a, b) => compare(a.sortKey, b.sortKey));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
