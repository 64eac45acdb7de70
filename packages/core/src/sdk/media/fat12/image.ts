// A 1.44 MB floppy disk with FAT12 (row CDF-08), made in memory.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { BuildError } from "../../../diagnostics/error.ts";
import { fileTrouble } from "../../../files/file-trouble.ts";
import type { MediaFile, MediaFolder, MediaNode } from "../tree.ts";
import { dotEntry, ENTRY_BYTES, entryCount, fileEntries, labelEntry } from "./entries.ts";
import { type FatName, fatNames, fatNameTrouble } from "./names.ts";

/** What a floppy disk says of itself. */
export interface FloppyImageOptions {
  /** The volume's name: at most 11 printable ASCII characters. */
  readonly label: string;
  /** Written as the time of everything, in ms since 1970. */
  readonly timeMs: number;
  readonly signal: AbortSignal;
}

const SECTOR_BYTES = 512;
const SECTORS = 2880;
const TABLE_SECTORS = 9;
const TABLES = 2;
const ROOT_ENTRIES = 224;
const FIRST_TABLE = 1;
const FIRST_ROOT_SECTOR = FIRST_TABLE + TABLES * TABLE_SECTORS;
const FIRST_DATA_SECTOR = FIRST_ROOT_SECTOR + (ROOT_ENTRIES * ENTRY_BYTES) / SECTOR_BYTES;
/** One sector each, numbered from 2. */
const CLUSTERS = SECTORS - FIRST_DATA_SECTOR;
const LAST_OF_CHAIN = 0xfff;

/**
 * A floppy disk with the content of `root`. Throws `BuildError` (TPK3105) when it does not fit, naming the sizes, and for names that
 * FAT cannot hold; (TPK3107) when a file cannot be read.
 */
export async function floppyImage(root: MediaFolder, options: FloppyImageOptions): Promise<Buffer> {
  const plan = planFolder(root, "");
  checkSize(plan, root);
  const image = Buffer.alloc(SECTORS * SECTOR_BYTES);
  const disk: Disk = { image, table: Buffer.alloc(TABLE_SECTORS * SECTOR_BYTES), next: 2, ...options };
  setTableEntry(disk.table, 0, 0xff0);
  setTableEntry(disk.table, 1, LAST_OF_CHAIN);
  const entries = await writeEntries(plan, disk, 0);
  Buffer.concat([labelEntry(options.label, options.timeMs), entries]).copy(image, FIRST_ROOT_SECTOR * SECTOR_BYTES);
  bootSector(options, entries, disk.table).copy(image);
  for (let copy = 0; copy < TABLES; copy++) disk.table.copy(image, (FIRST_TABLE + copy * TABLE_SECTORS) * SECTOR_BYTES);
  return image;
}

// --- internal ---

/** A folder with the names that its entries have on the disk. */
interface FolderPlan {
  readonly path: string;
  readonly entries: readonly { readonly name: FatName; readonly path: string; readonly target: MediaFile | FolderPlan }[];
  /** Entries in use, without those for `.`, `..` and the label. */
  readonly entryCount: number;
}

interface Disk extends FloppyImageOptions {
  readonly image: Buffer;
  /** The allocation table. */
  readonly table: Buffer;
  /** The next free cluster. */
  next: number;
}

function planFolder(folder: MediaFolder, path: string): FolderPlan {
  const names = fatNames();
  const seen = new Map<string, string>();
  const entries = [...folder.entries]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([original, node]) => {
      const place = path === "" ? original : `${path}/${original}`;
      const trouble = fatNameTrouble(original);
      if (trouble !== undefined) throw refusal(`${place} cannot stand on a floppy disk: ${trouble}`, "Give the file another name.");
      const other = seen.get(original.toLowerCase());
      if (other !== undefined)
        throw refusal(
          `${other} and ${place} differ only in capitals, which a floppy disk cannot tell apart`,
          "Give one of them another name.",
        );
      seen.set(original.toLowerCase(), place);
      return { name: names(original), path: place, target: planNode(node, place) };
    });
  return { path, entries, entryCount: entries.reduce((sum, { name }) => sum + entryCount(name), 0) };
}

function planNode(node: MediaNode, path: string): MediaFile | FolderPlan {
  return node.kind === "file" ? node : planFolder(node, path);
}

function checkSize(plan: FolderPlan, root: MediaFolder): void {
  if (plan.entryCount + 1 > ROOT_ENTRIES) {
    throw refusal(
      `the root of a floppy disk has room for ${ROOT_ENTRIES - 1} names (a long name takes several), and ${root.entries.size} files need ${plan.entryCount}`,
      "Put some of them into a folder, with floppy_dirs.",
    );
  }
  const needed = clustersBelow(plan);
  if (needed <= CLUSTERS) return;
  throw refusal(
    `the files need ${needed * SECTOR_BYTES} bytes, and a floppy disk has room for ${CLUSTERS * SECTOR_BYTES}`,
    "Put them on a CD (cd_files), or let the guest fetch them by HTTP (http_directory).",
  );
}

function clustersBelow(plan: FolderPlan): number {
  return plan.entries.reduce((sum, { target }) => {
    if (!isPlan(target)) return sum + clustersOf(target.sizeBytes);
    return sum + clustersOf(folderBytes(target)) + clustersBelow(target);
  }, 0);
}

function isPlan(target: MediaFile | FolderPlan): target is FolderPlan {
  return "entries" in target;
}

function folderBytes(plan: FolderPlan): number {
  return (plan.entryCount + 2) * ENTRY_BYTES;
}

function clustersOf(bytes: number): number {
  return Math.ceil(bytes / SECTOR_BYTES);
}

/** Writes what is below a folder and returns the folder's own entries. */
async function writeEntries(plan: FolderPlan, disk: Disk, ownCluster: number): Promise<Buffer> {
  const written: Buffer[] = [];
  for (const { name, path, target } of plan.entries) {
    disk.signal.throwIfAborted();
    if (isPlan(target)) {
      const firstCluster = allocate(disk, folderBytes(target));
      const below = await writeEntries(target, disk, firstCluster);
      const dots = [dotEntry(".", firstCluster, disk.timeMs), dotEntry("..", ownCluster, disk.timeMs)];
      put(disk, firstCluster, Buffer.concat([...dots, below]));
      written.push(fileEntries(name, { isFolder: true, firstCluster, sizeBytes: 0, timeMs: disk.timeMs }));
    } else {
      const content = await readContent(target, path, disk.signal);
      const firstCluster = allocate(disk, content.length);
      put(disk, firstCluster, content);
      written.push(fileEntries(name, { isFolder: false, firstCluster, sizeBytes: content.length, timeMs: disk.timeMs }));
    }
  }
  return Buffer.concat(written);
}

async function readContent({ source, sizeBytes }: MediaFile, path: string, signal: AbortSignal): Promise<Buffer> {
  if ("content" in source) return source.content;
  const content = await readFile(source.path, { signal }).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw new BuildError(`${path} could not be copied to the floppy disk: ${fileTrouble(cause)}`, { code: "TPK3107", cause });
  });
  if (content.length === sizeBytes) return content;
  throw new BuildError(`${path} could not be copied to the floppy disk: its size changed while it was read`, { code: "TPK3107" });
}

/** Takes consecutive clusters and chains them; 0 for no bytes. */
function allocate(disk: Disk, bytes: number): number {
  const count = clustersOf(bytes);
  if (count === 0) return 0;
  const first = disk.next;
  disk.next += count;
  for (let cluster = first; cluster < disk.next - 1; cluster++) setTableEntry(disk.table, cluster, cluster + 1);
  setTableEntry(disk.table, disk.next - 1, LAST_OF_CHAIN);
  return first;
}

function put(disk: Disk, firstCluster: number, content: Buffer): void {
  if (content.length > 0) content.copy(disk.image, (FIRST_DATA_SECTOR + firstCluster - 2) * SECTOR_BYTES);
}

/** Entries have 12 bits, two of them in three bytes. */
function setTableEntry(table: Buffer, cluster: number, value: number): void {
  const at = Math.floor((cluster * 3) / 2);
  const both = table.readUInt16LE(at);
  table.writeUInt16LE(cluster % 2 === 0 ? (both & 0xf000) | value : (both & 0x000f) | (value << 4), at);
}

function bootSector({ label }: FloppyImageOptions, entries: Buffer, table: Buffer): Buffer {
  const sector = Buffer.alloc(SECTOR_BYTES);
  // A jump over the fields, which firmware wants to see; behind it the machine stops, for there is nothing to boot.
  Buffer.from([0xeb, 0x3c, 0x90]).copy(sector);
  sector.write(label.slice(0, 8).padEnd(8), 3, "latin1");
  sector.writeUInt16LE(SECTOR_BYTES, 11);
  sector[13] = 1;
  sector.writeUInt16LE(FIRST_TABLE, 14);
  sector[16] = TABLES;
  sector.writeUInt16LE(ROOT_ENTRIES, 17);
  sector.writeUInt16LE(SECTORS, 19);
  sector[21] = 0xf0;
  sector.writeUInt16LE(TABLE_SECTORS, 22);
  sector.writeUInt16LE(18, 24);
  sector.writeUInt16LE(2, 26);
  sector[38] = 0x29;
  // The serial number tells disks apart; made from the content, it is the same for the same files.
  createHash("sha256").update(entries).update(table).digest().copy(sector, 39, 0, 4);
  sector.write(label.padEnd(11), 43, "latin1");
  sector.write("FAT12   ", 54, "latin1");
  Buffer.from([0xfa, 0xf4, 0xeb, 0xfd]).copy(sector, 62);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

function refusal(message: string, hint: string): BuildError {
  return new BuildError(message, { code: "TPK3105", hint });
}
