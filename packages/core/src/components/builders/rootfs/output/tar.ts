import type { TarEntry } from "../../../../archive/tar-writer.ts";
import { contentOf } from "../tree/content.ts";
import { parentOf, sortedPaths, type TreeNode } from "../tree/node.ts";

/** Nodes by path; undefined for a path that was removed from what lies below. */
export type LayerNodes = ReadonlyMap<string, TreeNode | undefined>;

export interface TarTreeOptions {
  /** Times later than this are set to it, so that what a build touched does not differ from run to run. */
  readonly latestSeconds: number;
  readonly signal: AbortSignal;
}

/**
 * A tree as the members of a tar archive, in an order that depends on names alone. Removed paths become whiteouts (OCI image
 * specification, "Image Layer Filesystem Changeset", "Whiteouts"). Names are relative, as in every container layer.
 */
export function* tarEntries(nodes: LayerNodes, { latestSeconds, signal }: TarTreeOptions): Generator<TarEntry, void, undefined> {
  const links = new Map<TreeNode, string>();
  for (const path of sortedPaths(nodes.keys())) {
    signal.throwIfAborted();
    const name = path.slice(1);
    const node = nodes.get(path);
    if (node === undefined) {
      // One whiteout hides all below; another inside it would put the folder back.
      if (isHidden(path, nodes)) continue;
      const cut = path.lastIndexOf("/") + 1;
      yield { name: `${path.slice(1, cut)}.wh.${path.slice(cut)}`, type: "file", mode: 0o600, mtimeSeconds: latestSeconds };
      continue;
    }
    const header = {
      name,
      mode: node.mode,
      uid: node.uid,
      gid: node.gid,
      mtimeSeconds: Math.min(node.mtimeSeconds, latestSeconds),
      xattrs: node.xattrs,
    };
    switch (node.type) {
      case "file": {
        const earlier = links.get(node);
        if (earlier !== undefined) {
          yield { ...header, type: "hardlink", linkName: earlier };
          break;
        }
        links.set(node, name);
        yield { ...header, type: "file", sizeBytes: node.sizeBytes, content: () => contentOf(node) };
        break;
      }
      case "symlink":
        yield { ...header, type: "symlink", linkName: node.target };
        break;
      case "character-device":
      case "block-device":
        yield { ...header, type: node.type, device: node.device };
        break;
      default:
        yield { ...header, type: node.type };
    }
  }
}

function isHidden(path: string, nodes: LayerNodes): boolean {
  for (let folder = parentOf(path); folder !== ""; folder = parentOf(folder)) {
    if (nodes.has(folder) && nodes.get(folder)?.type !== "directory") return true;
  }
  return false;
}
