// The output "ext4": made with mke2fs and filled with debugfs (both in e2fsprogs), so that neither root nor a mount is needed and
// owners are what the tree says. Feature set, UUID and hash seed are fixed by us and every time stamp is the build's, so equal
// trees give equal images for one version of e2fsprogs.
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { BuildError } from "../../../../diagnostics/error.ts";
import { findProgram } from "../../../../files/find-program.ts";
import { contentOf } from "../tree/content.ts";
import { parentOf, sortedPaths, type TreeNode, type TreeNodes } from "../tree/node.ts";
import { FolderSpace } from "./ext4-folder-space.ts";
import { runTool } from "./run-tool.ts";

export interface Ext4Options {
  readonly file: string;
  /** An empty folder for temporary files; it is removed. */
  readonly workFolder: string;
  /** Size of the image; chosen by what goes in unless given. */
  readonly sizeBytes?: number | undefined;
  readonly label?: string | undefined;
  readonly latestSeconds: number;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly signal: AbortSignal;
}

const BLOCK_BYTES = 4096;
const MEBIBYTE = 1024 * 1024;
const features =
  "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum";
/** It reads lines with their ends into a buffer of 8192 bytes (BUFSIZ). */
const LONGEST_COMMAND_BYTES = 8190;
/** Temporary copies are made for so much content at a time. */
const BATCH_BYTES = 64 * MEBIBYTE;

/** Writes the image. Throws TPK6008 without e2fsprogs, TPK6011 when the tree does not fit. */
export async function writeExt4(nodes: TreeNodes, options: Ext4Options): Promise<void> {
  const searchPath = options.environment.PATH ?? "";
  const [mke2fs, debugfs] = [await findProgram("mke2fs", searchPath), await findProgram("debugfs", searchPath)];
  if (mke2fs === undefined || debugfs === undefined) {
    throw new BuildError(`the output format "ext4" needs ${mke2fs === undefined ? "mke2fs" : "debugfs"}, which is not installed`, {
      code: "TPK6008",
      hint: 'Install the package e2fsprogs, or choose the format "tar" or "directory".',
    });
  }
  await mkdir(options.workFolder);
  try {
    const configFile = join(options.workFolder, "mke2fs.conf");
    // The system's own defaults differ between distributions.
    await writeFile(configFile, "[defaults]\n[fs_types]\n ext4 = {\n }\n small = {\n }\n floppy = {\n }\n big = {\n }\n huge = {\n }\n");
    const environment = {
      ...options.environment,
      MKE2FS_CONFIG: configFile,
      E2FSPROGS_FAKE_TIME: String(options.latestSeconds),
      // debugfs shows long output in a pager otherwise.
      DEBUGFS_PAGER: "__none__",
    };
    await makeFileSystem(nodes, mke2fs, options, environment);
    for await (const script of scripts(nodes, options)) {
      const scriptFile = join(options.workFolder, "commands");
      await writeFile(scriptFile, script);
      const { stderr } = await runTool(debugfs, ["-w", "-f", scriptFile, options.file], { environment, signal: options.signal });
      const complaint = stderr.split("\n").find((line) => line !== "" && !/^debugfs \d/.test(line));
      if (complaint !== undefined) throw failed(complaint);
    }
  } finally {
    await rm(options.workFolder, { recursive: true, force: true });
  }
}

async function makeFileSystem(
  nodes: TreeNodes,
  mke2fs: string,
  options: Ext4Options,
  environment: { readonly [name: string]: string | undefined },
): Promise<void> {
  const image = await open(options.file, "wx");
  await image.truncate(options.sizeBytes ?? neededBytes(nodes)).finally(() => image.close());
  const uuid = uuidFor(`${options.label ?? ""}/${options.latestSeconds}`);
  const extended = `hash_seed=${uuid},root_owner=0:0,nodiscard,lazy_itable_init=0,lazy_journal_init=0`;
  const label = options.label === undefined ? [] : ["-L", options.label];
  const inodes = String(Math.ceil(nodes.size * 1.2) + 64);
  const args = ["-q", "-F", "-t", "ext4", "-b", String(BLOCK_BYTES), "-I", "256", "-m", "0", "-N", inodes, "-O", features];
  await runTool(mke2fs, [...args, "-U", uuid, "-E", extended, ...label, options.file], { environment, signal: options.signal });
}

/** Room for everything, a tenth to spare, and whole mebibytes. */
function neededBytes(nodes: TreeNodes): number {
  let total = 16 * MEBIBYTE;
  for (const node of nodes.values()) {
    const content = node.type === "file" ? Math.ceil(node.sizeBytes / BLOCK_BYTES) * BLOCK_BYTES : 0;
    total += content + (node.type === "directory" ? BLOCK_BYTES : 0) + 512;
  }
  return Math.ceil((total * 1.1) / MEBIBYTE) * MEBIBYTE;
}

/** The commands that fill the image, in pieces: the temporary copies of one piece are gone before the next. */
async function* scripts(nodes: TreeNodes, options: Ext4Options): AsyncGenerator<string, void, undefined> {
  const links = new Map<TreeNode, { path: string; count: number }>();
  const spaces = new Map<string, FolderSpace>([["", new FolderSpace()]]);
  spaces.get("")?.add("lost+found");
  let lines: string[] = [];
  let copies: string[] = [];
  let copied = 0;
  let folder: string | undefined;
  const flush = async function* () {
    if (lines.length > 0) yield lines.map(commandLine).join("");
    await Promise.all(copies.map((copy) => rm(copy)));
    lines = [];
    copies = [];
    copied = 0;
    folder = undefined;
  };
  const copyOf = async (content: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<string> => {
    const copy = join(options.workFolder, `copy-${copies.length}`);
    await pipeline(content, createWriteStream(copy), { signal: options.signal });
    copies.push(copy);
    copied += sizeBytes;
    return copy;
  };
  for (const path of sortedPaths(nodes.keys())) {
    const node = nodes.get(path);
    if (node === undefined) continue;
    const parent = parentOf(path);
    if (parent !== folder) lines.push(`cd ${quoted(parent === "" ? "/" : parent)}`);
    folder = parent;
    const name = path.slice(parent.length + 1);
    // A name like `<12>` would be taken for an inode number.
    const itself = quoted(`./${name}`);
    if (node.type === "directory") spaces.set(path, new FolderSpace());
    const hasRoom = spaces.get(parent)?.add(name) ?? true;
    const linked = links.get(node);
    if (linked !== undefined) {
      linked.count += 1;
      if (!hasRoom) lines.push("expand_dir .");
      lines.push(`ln ${quoted(linked.path)} ${quoted(name)}`, `sif ${itself} links_count ${linked.count}`);
      continue;
    }
    if (node.type === "file") {
      links.set(node, { path, count: 1 });
      const direct = !(node.content instanceof Uint8Array) && node.content.spooled !== true;
      const source = direct ? node.content.file : await copyOf(contentOf(node), node.sizeBytes);
      lines.push(`write ${quoted(source)} ${quoted(name)}`);
    } else {
      lines.push(makeCommand(node, name));
    }
    lines.push(...attributes(node, itself, options.latestSeconds));
    for (const [attribute, value] of Object.entries(node.xattrs ?? {})) {
      lines.push(`ea_set -f ${quoted(await copyOf(bytesOf(value), value.length))} ${itself} ${quoted(attributeName(attribute))}`);
    }
    if (copied > BATCH_BYTES || lines.length > 50_000) yield* flush();
  }
  yield* flush();
}

function makeCommand(node: Exclude<TreeNode, { type: "file" }>, name: string): string {
  switch (node.type) {
    case "directory":
      return `mkdir ${quoted(name)}`;
    case "symlink":
      return `symlink ${quoted(name)} ${quoted(node.target)}`;
    case "fifo":
      return `mknod ${quoted(name)} p`;
    default:
      return `mknod ${quoted(name)} ${node.type === "block-device" ? "b" : "c"} ${node.device.major} ${node.device.minor}`;
  }
}

const typeBits = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  fifo: 0o010000,
  "character-device": 0o020000,
  "block-device": 0o060000,
} as const;

function attributes(node: TreeNode, itself: string, latestSeconds: number): string[] {
  const mode = (typeBits[node.type] | node.mode).toString(8);
  const lines = [`sif ${itself} mode 0${mode}`];
  if (node.uid !== 0) lines.push(`sif ${itself} uid ${node.uid}`);
  if (node.gid !== 0) lines.push(`sif ${itself} gid ${node.gid}`);
  if (node.mtimeSeconds < latestSeconds) lines.push(`sif ${itself} mtime @${node.mtimeSeconds}`);
  return lines;
}

/** A word of debugfs: in double quotes, a quote in it doubled. Names come from archives that may be hostile. */
function quoted(word: string): string {
  if (/[\n\0]/.test(word)) {
    throw new BuildError(`the file name ${JSON.stringify(word)} has a line break or zero byte, which an ext4 output cannot have`, {
      code: "TPK6011",
    });
  }
  return `"${word.replaceAll('"', '""')}"`;
}

/** What begins with a dash would be an option. */
function attributeName(name: string): string {
  if (/^(user|trusted|security|system)\./.test(name)) return name;
  throw new BuildError(`the extended attribute ${JSON.stringify(name)} is none that an ext4 output can have`, { code: "TPK6011" });
}

/** debugfs takes the rest of a longer line for the next command. */
function commandLine(line: string): string {
  if (Buffer.byteLength(line) > LONGEST_COMMAND_BYTES) {
    throw new BuildError(`a path or link is too long for an ext4 output: ${line.slice(0, 200)}…`, { code: "TPK6011" });
  }
  return `${line}\n`;
}

async function* bytesOf(value: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield value;
}

/** A UUID (version 8, RFC 9562) that depends on the text alone. */
function uuidFor(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function failed(complaint: string): BuildError {
  const isFull = /no free|could not allocate|no space|too small/i.test(complaint);
  return new BuildError(`the ext4 image could not be filled: ${complaint}`, {
    code: "TPK6011",
    hint: isFull ? "Raise the output's size, or leave it out: then it is chosen to fit." : undefined,
  });
}
