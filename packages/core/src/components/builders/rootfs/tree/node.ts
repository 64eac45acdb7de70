// What a root file system consists of, as data: kept apart from the disk so that a tree can be built, changed and written
// without privileges and on every operating system.

/** A stretch of a file on this machine that holds a file's content. */
export interface FileSlice {
  readonly file: string;
  readonly offset: number;
  /** Other contents follow in the same file. */
  readonly spooled?: boolean | undefined;
}

/** What every kind of node has. */
interface NodeHeader {
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since 1970. */
  readonly mtimeSeconds: number;
  /** Extended attributes by full name. */
  readonly xattrs?: { readonly [name: string]: Uint8Array } | undefined;
}

/** A file. The same object under two paths is a hard link. */
export interface FileNode extends NodeHeader {
  readonly type: "file";
  readonly sizeBytes: number;
  readonly content: FileSlice | Uint8Array;
}

export interface DirectoryNode extends NodeHeader {
  readonly type: "directory";
}

export interface SymlinkNode extends NodeHeader {
  readonly type: "symlink";
  readonly target: string;
}

export interface DeviceNode extends NodeHeader {
  readonly type: "character-device" | "block-device";
  readonly device: { readonly major: number; readonly minor: number };
}

export interface FifoNode extends NodeHeader {
  readonly type: "fifo";
}

export type TreeNode = FileNode | DirectoryNode | SymlinkNode | DeviceNode | FifoNode;

/** Nodes by path. Paths are absolute inside the tree, normal, without a trailing slash; the root itself is not in it. */
export type TreeNodes = ReadonlyMap<string, TreeNode>;

/** The folder of a path: `/a` for `/a/b`, and `` (the root) for `/a`. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/**
 * Paths in the order they are written: a folder comes before what is in it, and the order depends on nothing but the names.
 * Plain comparison by UTF-16 unit does both.
 */
export function sortedPaths(paths: Iterable<string>): string[] {
  return [...paths].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
