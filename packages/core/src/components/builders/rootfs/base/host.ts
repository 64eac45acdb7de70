// The base "host": the running system. It is looked at only where something asks, unless the whole of it is wanted.
import { lstat } from "node:fs/promises";
import type { TreeNode, TreeNodes } from "../tree/node.ts";
import { nodeOf, scanDirectory } from "../tree/scan.ts";
import type { TreeBase } from "../tree/tree.ts";
import type { BaseContext, PreparedBase } from "./prepare-base.ts";

/** Folders whose contents belong to the running machine and not to its file system. */
const transientFolders = ["/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp", "/mnt", "/media", "/lost+found"];

export function hostBase({ whole, context }: { readonly whole: boolean; readonly context: BaseContext }): PreparedBase {
  if (whole) {
    context.ui.say("The outputs will hold the whole running system, with its keys, passwords and histories");
  }
  return { tree: new HostTree(context), changesOnly: !whole, directory: "/" };
}

class HostTree implements TreeBase {
  readonly #context: BaseContext;
  #nodes: Promise<TreeNodes> | undefined;

  constructor(context: BaseContext) {
    this.#context = context;
  }

  async find(path: string): Promise<TreeNode | undefined> {
    try {
      return await nodeOf(path, await lstat(path), true);
    } catch (error) {
      if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return undefined;
      throw error;
    }
  }

  nodes(): Promise<TreeNodes> {
    this.#nodes ??= scanDirectory("/", "", {
      keepOwnership: true,
      signal: this.#context.signal,
      skip: (path) => isTransient(path) || path === this.#context.run.temporaryDirectory,
      oneFileSystem: true,
    });
    return this.#nodes;
  }
}

function isTransient(path: string): boolean {
  // The folders themselves stay: a system expects them.
  return transientFolders.some((folder) => path.startsWith(`${folder}/`));
}
