// The base "archive": a root file system in a tar file, compressed or not, or an OCI archive of one or more layers.
import { posix } from "node:path";
import { readTar, type TarMember } from "../../../../archive/tar-reader.ts";
import { BuildError } from "../../../../diagnostics/error.ts";
import { parentOf, type TreeNode } from "../tree/node.ts";
import { folderNode } from "../tree/tree.ts";
import { readOciLayers } from "./oci-archive.ts";
import { type ArchiveOptions, unpacked } from "./unpacked.ts";

/** Symbolic links followed on the way to one path, as in Linux. */
const MOST_LINKS = 40;

/**
 * Reads a root file system from an archive. Owners, modes and extended attributes are those the archive records. Nothing is
 * written but the spool, so that a hostile archive has no path to choose.
 */
export async function readArchive(file: string, options: ArchiveOptions): Promise<Map<string, TreeNode>> {
  const layers = await readOciLayers(file, options);
  const nodes = new Map<string, TreeNode>();
  if (layers === undefined) {
    await addLayer(nodes, unpacked(file, { start: 0 }, options), options);
  } else {
    for (const slice of layers) await addLayer(nodes, unpacked(slice.file, slice, options), options);
  }
  return nodes;
}

/** Lays one archive over what is there, with the whiteouts of the OCI image specification, "Image Layer Filesystem Changeset". */
async function addLayer(nodes: Map<string, TreeNode>, bytes: AsyncIterable<Uint8Array>, options: ArchiveOptions): Promise<void> {
  const before = new Set(nodes.keys());
  for await (const member of readTar(bytes)) {
    options.signal.throwIfAborted();
    const path = resolvedPath(treePath(member.name), nodes);
    if (path === undefined) continue;
    const name = posix.basename(path);
    if (name === ".wh..wh..opq") {
      for (const old of before) if (old.startsWith(`${parentOf(path)}/`)) nodes.delete(old);
      continue;
    }
    if (name.startsWith(".wh.")) {
      remove(nodes, `${parentOf(path)}/${name.slice(4)}`);
      continue;
    }
    const node = await toNode(member, nodes, options);
    if (node === undefined) continue;
    if (node.type !== "directory") remove(nodes, path);
    addFolders(nodes, parentOf(path), options.nowSeconds);
    nodes.set(path, node);
  }
}

/** A member's place in the tree; undefined for the root itself. `..` cannot lead out: the path is made absolute first. */
function treePath(name: string): string | undefined {
  const path = posix.normalize(`/${name}`).replace(/\/+$/, "");
  return path === "" ? undefined : path;
}

/**
 * The path with links on the way to it followed inside the tree, as a process in there would see it: an archive may put files
 * behind a link that it brought itself, and such a link must not lead out.
 */
function resolvedPath(path: string | undefined, nodes: ReadonlyMap<string, TreeNode>): string | undefined {
  if (path === undefined) return undefined;
  const parts = path.split("/").reverse();
  let done = "";
  let links = 0;
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      done = parentOf(done);
      continue;
    }
    const node = nodes.get(`${done}/${part}`);
    if (node?.type !== "symlink" || parts.length === 0) {
      done = `${done}/${part}`;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) throw new BuildError(`the archive has a loop of symbolic links on the way to ${path}`, { code: "TPK3107" });
    if (node.target.startsWith("/")) done = "";
    parts.push(...node.target.split("/").reverse());
  }
  return done;
}

async function toNode(member: TarMember, nodes: ReadonlyMap<string, TreeNode>, options: ArchiveOptions): Promise<TreeNode | undefined> {
  const header = {
    mode: member.mode,
    uid: member.uid ?? 0,
    gid: member.gid ?? 0,
    mtimeSeconds: member.mtimeSeconds ?? 0,
    xattrs: member.xattrs,
  };
  switch (member.type) {
    case "file":
      return { type: "file", ...header, ...(await options.spool.add(member.content, options.signal)) };
    case "directory":
    case "fifo":
      return { type: member.type, ...header };
    case "symlink":
      return { type: "symlink", ...header, mode: 0o777, target: member.linkName ?? "" };
    case "character-device":
    case "block-device":
      return { type: member.type, ...header, device: member.device ?? { major: 0, minor: 0 } };
    case "hardlink": {
      const target = nodes.get(resolvedPath(treePath(member.linkName ?? ""), nodes) ?? "/");
      if (target !== undefined) return target;
      throw new BuildError(`the archive has a hard link ${member.name} to ${member.linkName}, which does not come before it`, {
        code: "TPK3107",
      });
    }
  }
}

function remove(nodes: Map<string, TreeNode>, path: string): void {
  const there = nodes.get(path);
  nodes.delete(path);
  if (there?.type !== "directory") return;
  for (const inside of [...nodes.keys()]) if (inside.startsWith(`${path}/`)) nodes.delete(inside);
}

function addFolders(nodes: Map<string, TreeNode>, path: string, nowSeconds: number): void {
  for (let folder = path; folder !== "" && nodes.get(folder)?.type !== "directory"; folder = parentOf(folder)) {
    nodes.set(folder, folderNode(nowSeconds));
  }
}
