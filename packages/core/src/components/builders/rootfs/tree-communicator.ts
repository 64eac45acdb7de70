import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { CommunicatorError } from "../../../diagnostics/error.ts";
import type { Communicator, DirectoryTransfer } from "../../../sdk/communicator.ts";
import { putFolder, putNode } from "./files.ts";
import { contentOf } from "./tree/content.ts";
import { scanDirectory } from "./tree/scan.ts";
import type { Spool } from "./tree/spool.ts";
import type { RootTree } from "./tree/tree.ts";

export type FileTransfers = Omit<Communicator, "execute">;

/**
 * Transfers into and out of a root file system that is not on a disk: no privileges needed, on any operating system. What is
 * uploaded belongs to root; paths are followed inside the tree and cannot lead out of it.
 */
export function treeTransfers(tree: RootTree, spool: Spool, nowSeconds: number): FileTransfers {
  return {
    async upload({ path, content, mode, signal }) {
      const target = await tree.resolve(path, { followLast: true });
      const stored = await spool.add(content, signal);
      await putNode(tree, target, { type: "file", mode: mode ?? 0o644, uid: 0, gid: 0, mtimeSeconds: nowSeconds, ...stored });
    },

    async uploadDirectory({ source, destination, exclude, signal }) {
      const target = await tree.resolve(withOwnName(source, destination), { followLast: true });
      await putFolder(tree, target, nowSeconds);
      const nodes = await scanDirectory(source, "", { keepOwnership: false, signal, skip: skipper(exclude) });
      for (const [path, node] of nodes) {
        const at = await tree.resolve(`${target}${path}`, { followLast: false });
        if (node.type === "directory") await putFolder(tree, at, nowSeconds);
        else if (node.type === "file") {
          // The source may be a temporary folder, so the content is kept now.
          const stored = await spool.add(contentOf(node), signal);
          await putNode(tree, at, { ...node, ...stored, mtimeSeconds: nowSeconds });
        } else await putNode(tree, at, { ...node, mtimeSeconds: nowSeconds });
      }
    },

    async download({ path, content, signal }) {
      const node = await tree.find(await tree.resolve(path, { followLast: true }));
      if (node?.type !== "file") {
        content.destroy();
        throw new CommunicatorError(`${path} ${node === undefined ? "does not exist" : "is no file"} in the image`, { code: "TPK5005" });
      }
      await pipeline(contentOf(node), content, { signal });
    },

    async downloadDirectory({ source, destination, exclude, signal }) {
      const from = await tree.resolve(source, { followLast: true });
      const skip = skipper(exclude);
      const target = withOwnName(source, destination);
      await mkdir(target, { recursive: true });
      const whole = await tree.wholeTree();
      const prefix = from === "/" ? "" : from;
      if (prefix !== "" && whole.get(prefix)?.type !== "directory") {
        throw new CommunicatorError(`${source} is no folder in the image`, { code: "TPK5005" });
      }
      for (const [path, node] of whole) {
        const inside = path.slice(prefix.length);
        if (!path.startsWith(`${prefix}/`) || skip?.(inside) === true) continue;
        const file = join(target, inside);
        if (node.type === "directory") await mkdir(file, { recursive: true });
        if (node.type !== "file") continue;
        await mkdir(dirname(file), { recursive: true });
        await pipeline(contentOf(node), createWriteStream(file), { signal });
      }
    },
  };
}

/** rsync's rule (row FP-07): without a trailing slash on the source, the folder itself is transferred. */
export function withOwnName(source: string, destination: string): DirectoryTransfer["destination"] {
  return /[\\/]$/.test(source) ? destination : join(destination, basename(source));
}

/** Tells which paths (with a leading slash) a transfer leaves out. */
export function skipper(exclude: readonly string[] | undefined): ((path: string) => boolean) | undefined {
  if (exclude === undefined || exclude.length === 0) return undefined;
  const left = new Set(exclude.map((path) => `/${path.replace(/^\/+|\/+$/g, "")}`));
  return (path) => left.has(path);
}
