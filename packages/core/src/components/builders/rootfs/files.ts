// The option `files`, and what a provisioner uploads before anything was executed: put into the tree without touching a disk image.
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { CommunicatorError } from "../../../diagnostics/error.ts";
import type { FileOption } from "./options.ts";
import type { TreeNode } from "./tree/node.ts";
import { nodeOf, scanDirectory } from "./tree/scan.ts";
import { folderNode, type RootTree } from "./tree/tree.ts";

export interface PutContext {
  readonly tree: RootTree;
  readonly workingDirectory: string;
  readonly nowSeconds: number;
  readonly signal: AbortSignal;
}

/** Puts one entry of `files` in. A destination with a trailing slash means "into this folder, under its own name". */
export async function putFile(destination: string, file: FileOption, context: PutContext): Promise<void> {
  const { tree, nowSeconds } = context;
  const header = { mtimeSeconds: nowSeconds, ...ownerOf(file) };
  const place = async (name: string | undefined): Promise<string> => {
    const path = destination.endsWith("/") && name !== undefined ? `${destination}${name}` : destination;
    return tree.resolve(path, { followLast: true });
  };
  if (typeof file === "string" || "source" in file) {
    const source = resolve(context.workingDirectory, typeof file === "string" ? file : file.source);
    const path = await place(basename(source));
    await putSource(source, path, { ...header, mode: typeof file === "string" ? undefined : modeOf(file.mode) }, context);
  } else if ("content" in file) {
    const content = Buffer.from(file.content);
    await putNode(tree, await place(undefined), {
      type: "file",
      ...header,
      mode: modeOf(file.mode) ?? 0o644,
      sizeBytes: content.length,
      content,
    });
  } else if ("symlink" in file) {
    const path = await tree.resolve(destination, { followLast: false });
    await putNode(tree, path, { type: "symlink", ...header, mode: 0o777, target: file.symlink });
  } else {
    await putNode(tree, await place(undefined), { type: "directory", ...header, mode: modeOf(file.mode) ?? 0o755 });
  }
}

/** Puts a node, which replaces a file or link but not a folder. */
export async function putNode(tree: RootTree, path: string, node: TreeNode): Promise<void> {
  if (path === "/") {
    if (node.type === "directory") return;
    throw new CommunicatorError("/ is a folder and cannot be replaced", { code: "TPK5005" });
  }
  const there = await tree.find(path);
  if (there?.type === "directory" && node.type !== "directory") {
    throw new CommunicatorError(`${path} is a folder in the image; give the file a name in it`, { code: "TPK5005" });
  }
  await tree.put(path, node);
}

interface Header {
  readonly mtimeSeconds: number;
  readonly uid: number;
  readonly gid: number;
  /** Undefined keeps the source's: what git keeps of it, whether it may be executed. */
  readonly mode: number | undefined;
}

/** A file, or a folder's contents. Everything gets the build's time, so that a fresh checkout gives the same image. */
async function putSource(source: string, path: string, header: Header, context: PutContext): Promise<void> {
  const { tree, signal } = context;
  const stats = await stat(source).catch((cause: unknown) => {
    throw new CommunicatorError(`${source} cannot be read`, { code: "TPK3107", cause });
  });
  const node = await nodeOf(source, stats, false);
  if (node === undefined) throw new CommunicatorError(`${source} is neither a file nor a folder`, { code: "TPK5005" });
  await putNode(tree, path, { ...node, ...header, mode: modeFor(node, header.mode) });
  if (node.type !== "directory") return;
  const inside = await scanDirectory(source, path === "/" ? "" : path, { keepOwnership: false, signal });
  for (const [at, inner] of inside) {
    // The mode of `files` means the files in a folder, not the folders in it.
    await putNode(tree, at, { ...inner, ...header, mode: modeFor(inner, inner.type === "file" ? header.mode : undefined) });
  }
}

/** Modes as git keeps them: umasks differ between machines. */
function modeFor(node: TreeNode, wanted: number | undefined): number {
  if (node.type === "directory") return 0o755;
  if (node.type === "symlink") return 0o777;
  return wanted ?? ((node.mode & 0o111) === 0 ? 0o644 : 0o755);
}

/** A folder of root's at a path, with those above it. */
export async function putFolder(tree: RootTree, path: string, nowSeconds: number): Promise<void> {
  if ((await tree.find(path))?.type !== "directory") await putNode(tree, path, folderNode(nowSeconds));
}

function ownerOf(file: FileOption): { uid: number; gid: number } {
  const text = typeof file === "object" && "owner" in file ? file.owner : undefined;
  const [uid = "0", gid = uid] = (text ?? "0:0").split(":");
  return { uid: Number(uid), gid: Number(gid) };
}

function modeOf(mode: string | number | undefined): number | undefined {
  return typeof mode === "string" ? Number.parseInt(mode, 8) : mode;
}
