import type { Stats } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { BuildError } from "../../../../diagnostics/error.ts";
import type { TreeNode } from "./node.ts";

export interface ScanOptions {
  /** Owners as the disk has them; else everything is root's. */
  readonly keepOwnership: boolean;
  readonly signal: AbortSignal;
  /** Paths inside the tree to leave out with all below them. */
  readonly skip?: ((path: string) => boolean) | undefined;
  /** Stay on the file system of the folder itself: a mount point is an empty folder. */
  readonly oneFileSystem?: boolean | undefined;
}

/** Where hard links meet: nodes of files with several names, by device and inode. */
type Inodes = Map<string, TreeNode>;

/**
 * Reads a folder on this machine as tree nodes under `at` (`""` for the root). Contents are not read, they stay where they are.
 * Sockets are left out, as in any archive. Throws when something cannot be listed.
 */
export async function scanDirectory(directory: string, at: string, options: ScanOptions): Promise<Map<string, TreeNode>> {
  const nodes = new Map<string, TreeNode>();
  const inodes: Inodes = new Map();
  const device = (await lstat(directory)).dev;
  const pending: [string, string][] = [[directory, at]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    options.signal.throwIfAborted();
    const [folder, prefix] = next;
    const names = await readdir(folder).catch((cause: unknown) => {
      throw new BuildError(`the folder ${folder} cannot be read`, { code: "TPK3107", cause, hint: "Run as a user who may read it." });
    });
    for (const name of names) {
      const path = `${prefix}/${name}`;
      if (options.skip?.(path) === true) continue;
      const file = join(folder, name);
      const stats = await lstat(file).catch(unlessGone(file));
      if (stats === undefined) continue;
      const node = await nodeOf(file, stats, options.keepOwnership, inodes);
      if (node === undefined) continue;
      nodes.set(path, node);
      if (node.type === "directory" && !(options.oneFileSystem === true && stats.dev !== device)) pending.push([file, path]);
    }
  }
  return nodes;
}

/** A running system removes files while it is read. */
function unlessGone(file: string): (cause: unknown) => undefined {
  return (cause) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new BuildError(`${file} cannot be read`, { code: "TPK3107", cause });
  };
}

/** The node for one file on this machine; undefined for a socket, or what the system cannot describe. */
export async function nodeOf(
  file: string,
  stats: Stats,
  keepOwnership: boolean,
  inodes: Inodes = new Map(),
): Promise<TreeNode | undefined> {
  const header = {
    mode: modeOf(stats),
    uid: keepOwnership ? stats.uid : 0,
    gid: keepOwnership ? stats.gid : 0,
    mtimeSeconds: Math.floor(stats.mtimeMs / 1000),
  };
  if (stats.isDirectory()) return { type: "directory", ...header };
  if (stats.isSymbolicLink()) return { type: "symlink", ...header, mode: 0o777, target: await readlink(file) };
  if (stats.isFIFO()) return { type: "fifo", ...header };
  if (stats.isCharacterDevice() || stats.isBlockDevice()) {
    return { type: stats.isBlockDevice() ? "block-device" : "character-device", ...header, device: deviceOf(stats.rdev) };
  }
  if (!stats.isFile()) return undefined;
  const inode = `${stats.dev}:${stats.ino}`;
  const known = stats.nlink > 1 ? inodes.get(inode) : undefined;
  if (known !== undefined) return known;
  const node: TreeNode = { type: "file", ...header, sizeBytes: stats.size, content: { file, offset: 0 } };
  if (stats.nlink > 1) inodes.set(inode, node);
  return node;
}

/** Windows has no permission bits: there every file is readable and every folder can be entered. */
function modeOf(stats: Stats): number {
  if (process.platform !== "win32") return stats.mode & 0o7777;
  return stats.isDirectory() ? 0o755 : 0o644;
}

/** Linux's 64-bit device number, as glibc's `gnu_dev_major` and `gnu_dev_minor` take it apart. */
function deviceOf(rdev: number): { major: number; minor: number } {
  const value = BigInt(rdev);
  const major = ((value >> 8n) & 0xfffn) | ((value >> 32n) & 0xfffff000n);
  const minor = (value & 0xffn) | ((value >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}
