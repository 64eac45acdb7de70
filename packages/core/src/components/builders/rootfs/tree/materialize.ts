import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { copyFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { setImmediate as giveWay } from "node:timers/promises";
import { BuildError } from "../../../../diagnostics/error.ts";
import { writeFailed } from "../output/write-failed.ts";
import { contentOf } from "./content.ts";
import { type DirectoryNode, type FileNode, type FileSlice, parentOf, sortedPaths, type TreeNode, type TreeNodes } from "./node.ts";

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

/** Nodes made before others get their turn. */
const NODES_AT_ONCE = 100;

/**
 * Writes a tree below an existing empty folder. Names cannot lead out of it: every folder on the way is made here, and
 * nothing is written through a link. Owners are set when the process is root, devices too.
 *
 * The many small steps (a mode, an owner, a time) are made by synchronous calls, which take a fraction of the time of a trip
 * through the thread pool; large contents stream.
 */
export async function materialize(nodes: TreeNodes, directory: string, options: MaterializeOptions): Promise<Materialized> {
  const isRoot = process.getuid?.() === 0;
  const otherOwners: string[] = [];
  const leftOut: string[] = [];
  const links = new Map<TreeNode, string>();
  const folders: [string, DirectoryNode][] = [];
  const made = new Set([""]);
  const spools = new OpenFiles();
  let count = 0;
  try {
    for (const path of sortedPaths(nodes.keys())) {
      options.signal.throwIfAborted();
      count += 1;
      if (count % NODES_AT_ONCE === 0) await giveWay();
      const node = nodes.get(path);
      if (node === undefined) continue;
      if (!made.has(parentOf(path))) throw new BuildError(`${path} cannot be written: ${parentOf(path)} is no folder`, { code: "TPK6011" });
      const target = `${directory}${path}`;
      try {
        const earlier = links.get(node);
        if (earlier !== undefined) {
          fs.linkSync(earlier, target);
          continue;
        }
        if (!(await make(target, node, isRoot, spools))) {
          leftOut.push(path);
          continue;
        }
        if (isRoot) fs.lchownSync(target, node.uid, node.gid);
        else if (node.uid !== 0 || node.gid !== 0) otherOwners.push(path);
        if (node.type === "file") links.set(node, target);
        // Bits after the owner: changing it clears setuid. Folders last, they may forbid writing.
        if (node.type === "directory") {
          made.add(path);
          folders.push([target, node]);
        } else finish(target, node, options.latestSeconds);
      } catch (cause) {
        throw writeFailed(target, cause);
      }
    }
    for (const [target, node] of folders.reverse()) finish(target, node, options.latestSeconds);
  } finally {
    spools.close();
  }
  return { otherOwners, leftOut };
}

async function make(target: string, node: TreeNode, isRoot: boolean, spools: OpenFiles): Promise<boolean> {
  switch (node.type) {
    case "file":
      await writeContent(target, node, spools);
      return true;
    case "directory":
      fs.mkdirSync(target, { mode: 0o700 });
      return true;
    case "symlink":
      fs.symlinkSync(node.target, target);
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

async function writeContent(target: string, node: FileNode, spools: OpenFiles): Promise<void> {
  if (node.content instanceof Uint8Array) {
    fs.writeFileSync(target, node.content, { flag: "wx" });
  } else if (node.sizeBytes > SMALL_BYTES) {
    if (node.content.spooled === true) await pipeline(contentOf(node), fs.createWriteStream(target, { flags: "wx" }));
    else await copyFile(node.content.file, target, fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE);
  } else {
    fs.writeFileSync(target, spools.read(node.content, node.sizeBytes), { flag: "wx" });
  }
}

/** Reads small pieces; a spool, which holds thousands of them, is opened once. */
class OpenFiles {
  readonly #descriptors = new Map<string, number>();

  read({ file, offset, spooled }: FileSlice, sizeBytes: number): Buffer {
    if (spooled !== true) return fs.readFileSync(file);
    const known = this.#descriptors.get(file);
    const descriptor = known ?? fs.openSync(file, "r");
    this.#descriptors.set(file, descriptor);
    const bytes = Buffer.allocUnsafe(sizeBytes);
    let done = 0;
    while (done < sizeBytes) {
      const read = fs.readSync(descriptor, bytes, done, sizeBytes - done, offset + done);
      if (read === 0) throw new BuildError(`the temporary file ${file} is shorter than it was`, { code: "TPK6011" });
      done += read;
    }
    return bytes;
  }

  close(): void {
    for (const descriptor of this.#descriptors.values()) fs.closeSync(descriptor);
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

function finish(target: string, node: TreeNode, latestSeconds: number): void {
  if (node.type !== "symlink") fs.chmodSync(target, node.mode);
  const time = Math.min(node.mtimeSeconds, latestSeconds);
  fs.lutimesSync(target, time, time);
}
