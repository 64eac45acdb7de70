import { BuildError } from "../../../../diagnostics/error.ts";
import { type DirectoryNode, parentOf, type TreeNode, type TreeNodes } from "./node.ts";

/** Symbolic links followed on the way to one path, as in Linux. */
const MOST_LINKS = 40;

/** What a tree starts from. It is not changed. */
export interface TreeBase {
  /** One node; undefined when there is none of that path. */
  find(path: string): Promise<TreeNode | undefined>;
  /** All of it. Throws when the base cannot be listed. */
  nodes(): Promise<TreeNodes>;
}

/** A base that is known completely. */
export function completeBase(nodes: TreeNodes): TreeBase {
  return { find: async (path) => nodes.get(path), nodes: async () => nodes };
}

/**
 * A root file system while it is put together: a base and the changes to it. All paths given to it are resolved inside the
 * tree: a symbolic link, absolute or with `..`, never leads out of it.
 */
export class RootTree {
  readonly base: TreeBase;
  readonly #now: number;
  /** Changed paths; undefined stands for one that was removed. */
  #changes = new Map<string, TreeNode | undefined>();

  /** `nowSeconds` is the time of folders that are made on the way. */
  constructor(base: TreeBase, nowSeconds: number) {
    this.base = base;
    this.#now = nowSeconds;
  }

  get changes(): ReadonlyMap<string, TreeNode | undefined> {
    return this.#changes;
  }

  /** Takes what a run changed, in place of the changes known so far. */
  replaceChanges(changes: ReadonlyMap<string, TreeNode | undefined>): void {
    this.#changes = new Map(changes);
  }

  /** The node at exactly this path; links in it are not followed. */
  async find(path: string): Promise<TreeNode | undefined> {
    if (this.#changes.has(path)) return this.#changes.get(path);
    for (let folder = parentOf(path); folder !== ""; folder = parentOf(folder)) {
      // What lies under something removed or replaced by a file is gone with it.
      if (this.#changes.has(folder) && this.#changes.get(folder)?.type !== "directory") return undefined;
    }
    return this.base.find(path);
  }

  /**
   * Follows symbolic links inside the tree, as a process would that has it as its root. Parts that do not exist are taken as
   * they stand. With `followLast` false the last part may stay a link.
   */
  async resolve(path: string, { followLast }: { readonly followLast: boolean }): Promise<string> {
    const parts = path.split("/").reverse();
    let done = "";
    let links = 0;
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      if (part === "" || part === ".") continue;
      if (part === "..") {
        done = parentOf(done);
        continue;
      }
      const next = `${done}/${part}`;
      const node = await this.find(next);
      const isLast = parts.every((rest) => rest === "" || rest === ".");
      if (node?.type !== "symlink" || (isLast && !followLast)) {
        done = next;
        continue;
      }
      links += 1;
      if (links > MOST_LINKS) throw new BuildError(`too many symbolic links on the way to ${path}`, { code: "TPK5005" });
      if (node.target.startsWith("/")) done = "";
      parts.push(...node.target.split("/").reverse());
    }
    return done === "" ? "/" : done;
  }

  /** Puts a node at a path, making the folders above it. The path must be resolved. */
  async put(path: string, node: TreeNode): Promise<void> {
    await this.makeFolder(parentOf(path));
    this.#changes.set(path, node);
  }

  /**
   * Makes sure that a folder is there, and that it is among the changes: a layer names the folders of what is in it, with their
   * modes. The path must be resolved. Throws when something else has the name.
   */
  async makeFolder(path: string): Promise<void> {
    if (path === "" || path === "/" || this.#changes.get(path)?.type === "directory") return;
    const there = await this.find(path);
    if (there !== undefined && there.type !== "directory")
      throw new BuildError(`${path} is a ${there.type}, not a folder`, { code: "TPK5005" });
    await this.makeFolder(parentOf(path));
    this.#changes.set(path, there ?? folderNode(this.#now));
  }

  /** Base and changes together. */
  async wholeTree(): Promise<TreeNodes> {
    const whole = new Map<string, TreeNode>();
    const hidden = [...this.#changes].filter(([, node]) => node?.type !== "directory").map(([path]) => path);
    const hiddenPaths = new Set(hidden);
    for (const [path, node] of await this.base.nodes()) {
      if (hidden.length === 0 || !isBelow(path, hiddenPaths)) whole.set(path, node);
    }
    for (const [path, node] of this.#changes) {
      if (node !== undefined) whole.set(path, node);
    }
    return whole;
  }
}

/** A folder of root's, as `mkdir` makes it. */
export function folderNode(mtimeSeconds: number, mode = 0o755): DirectoryNode {
  return { type: "directory", mode, uid: 0, gid: 0, mtimeSeconds };
}

function isBelow(path: string, folders: ReadonlySet<string>): boolean {
  for (let part = path; part !== ""; part = parentOf(part)) {
    if (folders.has(part)) return true;
  }
  return false;
}
