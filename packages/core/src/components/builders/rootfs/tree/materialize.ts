import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { chmod, copyFile, constants as fsConstants, lchown, link, lutimes, mkdir, symlink, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { BuildError } from "../../../../diagnostics/error.ts";
import { writeFailed } from "../output/write-failed.ts";
import { contentOf } from "./content.ts";
import { type DirectoryNode, type FileNode, sortedPaths, type TreeNode, type TreeNodes } from "./node.ts";

export interface MaterializeOptions {
  /** Times later than this are set to it. */
  readonly latestSeconds: number;
  readonly signal: AbortSignal;
}

/** What could not be made as the tree says, because the system does not let us. */
export interface Materialized {
  /** Paths whose owner is not the process's and could not be set. */
  readonly otherOwners: readonly string[];
  /** Devices and pipes that were left out. */
  readonly leftOut: readonly string[];
}

/** A file up to this size is copied in one piece. */
const SMALL_BYTES = 256 * 1024;

/**
 * Writes a tree below an existing empty folder. Names cannot lead out of it: every folder on the way is made here, and
 * nothing is written through a link. Owners are set when the process is root, devices too.
 */
export async function materialize(nodes: TreeNodes, directory: string, options: MaterializeOptions): Promise<Materialized> {
  const isRoot = process.getuid?.() === 0;
  const otherOwners: string[] = [];
  const leftOut: string[] = [];
  const links = new Map<TreeNode, string>();
  const folders: [string, DirectoryNode][] = [];
  for (const path of sortedPaths(nodes.keys())) {
    options.signal.throwIfAborted();
    const node = nodes.get(path);
    if (node === undefined) continue;
    const target = `${directory}${path}`;
    try {
      const earlier = links.get(node);
      if (earlier !== undefined) {
        await link(earlier, target);
        continue;
      }
      if (!(await make(target, node, isRoot))) {
        leftOut.push(path);
        continue;
      }
      if (isRoot) await lchown(target, node.uid, node.gid);
      else if (node.uid !== 0 || node.gid !== 0) otherOwners.push(path);
      if (node.type === "file") links.set(node, target);
      // Bits after the owner: changing it clears setuid. Folders last, they may forbid writing.
      if (node.type === "directory") folders.push([target, node]);
      else await finish(target, node, options.latestSeconds);
    } catch (cause) {
      throw writeFailed(target, cause);
    }
  }
  for (const [target, node] of folders.reverse()) await finish(target, node, options.latestSeconds);
  return { otherOwners, leftOut };
}

async function make(target: string, node: TreeNode, isRoot: boolean): Promise<boolean> {
  switch (node.type) {
    case "file":
      await writeContent(target, node);
      return true;
    case "directory":
      await mkdir(target, { mode: 0o700 });
      return true;
    case "symlink":
      await symlink(node.target, target);
      return true;
    case "fifo":
      return process.platform !== "win32" && makeSpecial(target, ["p"]);
    default: {
      if (!isRoot) return false;
      const letter = node.type === "block-device" ? "b" : "c";
      return makeSpecial(target, [letter, String(node.device.major), String(node.device.minor)]);
    }
  }
}

async function writeContent(target: string, node: FileNode): Promise<void> {
  if (node.content instanceof Uint8Array) {
    await writeFile(target, node.content, { flag: "wx" });
  } else if (node.content.spooled !== true) {
    await copyFile(node.content.file, target, fsConstants.COPYFILE_EXCL | fsConstants.COPYFILE_FICLONE);
    // The copy has the mode of the original, which may forbid what comes next.
    await chmod(target, 0o600);
  } else if (node.sizeBytes <= SMALL_BYTES) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of contentOf(node)) chunks.push(chunk);
    await writeFile(target, Buffer.concat(chunks), { flag: "wx" });
  } else {
    await pipeline(contentOf(node), createWriteStream(target, { flags: "wx" }));
  }
}

/** Node has no call for it. */
async function makeSpecial(target: string, words: readonly string[]): Promise<boolean> {
  const child = spawn("mknod", ["--", target, ...words], { stdio: "ignore" });
  const [code] = await once(child, "exit").catch((cause: unknown) => {
    throw new BuildError("the program mknod cannot be started", { code: "TPK6008", cause, hint: "It is part of coreutils." });
  });
  return code === 0;
}

async function finish(target: string, node: TreeNode, latestSeconds: number): Promise<void> {
  if (node.type !== "symlink") await chmod(target, node.mode);
  const time = Math.min(node.mtimeSeconds, latestSeconds);
  await lutimes(target, time, time);
}
