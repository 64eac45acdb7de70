import { createReadStream, createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { excluder, targetOf } from "../../../communicator/chroot/directory-transfer.ts";
import { followedFiles } from "../../../communicator/chroot/followed-files.ts";
import { CommunicatorError } from "../../../diagnostics/error.ts";
import type { Communicator } from "../../../sdk/communicator.ts";
import { putFolder, putNode } from "./files.ts";
import { contentOf } from "./tree/content.ts";
import { sortedPaths } from "./tree/node.ts";
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
      const target = await tree.resolve(targetOf({ source, destination, signal }), { followLast: true });
      await putFolder(tree, target, nowSeconds);
      for await (const { path, file, stats } of followedFiles(source, excluder(exclude))) {
        const at = await tree.resolve(`${target}/${path}`, { followLast: true });
        const header = { mode: stats.mode & 0o7777, uid: 0, gid: 0, mtimeSeconds: nowSeconds };
        if (stats.isDirectory()) await putNode(tree, at, { type: "directory", ...header });
        // The source may be a temporary folder, so the content is kept now.
        else await putNode(tree, at, { type: "file", ...header, ...(await spool.add(createReadStream(file), signal)) });
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

    async downloadDirectory(transfer) {
      const { source, exclude, signal } = transfer;
      const from = await tree.resolve(source, { followLast: true });
      const whole = await tree.wholeTree();
      const prefix = from === "/" ? "" : from;
      if (prefix !== "" && whole.get(prefix)?.type !== "directory") {
        throw new CommunicatorError(`${source} is no folder in the image`, { code: "TPK5005" });
      }
      const target = targetOf(transfer);
      await mkdir(target, { recursive: true });
      const isExcluded = excluder(exclude);
      for (const path of sortedPaths(whole.keys())) {
        if (!path.startsWith(`${prefix}/`) || isExcluded(path.slice(prefix.length + 1))) continue;
        const file = join(target, path.slice(prefix.length));
        const node = whole.get(await tree.resolve(path, { followLast: true }));
        if (node?.type === "directory" && whole.get(path) === node) await mkdir(file, { recursive: true });
        if (node?.type === "file") await pipeline(contentOf(node), createWriteStream(file, { mode: node.mode & 0o777 }), { signal });
      }
    },
  };
}
