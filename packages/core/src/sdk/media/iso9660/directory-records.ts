// A folder's bytes: one record for each of its files (ECMA-119 §9.1).
import { type Directory, type FileContent, isDirectory } from "./directory-tree.ts";
import { recordDate, SECTOR_BYTES, writeBoth16, writeBoth32 } from "./fields.ts";
import { type ContinuationArea, continuationPointer, POINTER_BYTES, rootSystemUse, type SystemUse, systemUse } from "./rock-ridge.ts";

/** What a record holds at most, for its length is one even byte. */
const LARGEST_RECORD = 254;
/** Bytes of a record before the identifier. */
const FIXED_BYTES = 33;
/** A file longer than a 32-bit number can say has several records; each but the last ends with a whole sector. */
const LARGEST_EXTENT = 0xffff_f800;

const FOLDER_FLAG = 0x02;
const MORE_FOLLOWS_FLAG = 0x80;

/** Where something is on the CD. */
interface Extent {
  readonly block: number;
  readonly sizeBytes: number;
}

/** One record whose length is known, but not yet what it points to. */
interface DraftRecord {
  readonly identifier: Buffer;
  readonly target: Directory | FileContent;
  readonly use: SystemUse;
  /** Where the continuation of `use` is in its area. */
  readonly continuedAt: number;
}

/** A folder whose size is known. */
export interface DraftDirectory {
  readonly directory: Directory;
  readonly records: readonly DraftRecord[];
}

/** Sizes up a folder. With an area for what does not fit into records it gets Rock Ridge fields. */
export function draftDirectory(
  directory: Directory,
  rockRidge: { readonly area: ContinuationArea; readonly timeMs: number } | undefined,
): DraftDirectory {
  const draft = (identifier: Buffer, target: Directory | FileContent, name?: string): DraftRecord => {
    const use = rockRidge === undefined ? none : fieldsFor(identifier, target, name, directory, rockRidge.timeMs);
    const continuedAt = use.continued === undefined ? 0 : (rockRidge?.area.add(use.continued) ?? 0);
    return { identifier, target, use, continuedAt };
  };
  const parent = directory.parent ?? directory;
  const records = [
    draft(Buffer.from([0]), directory),
    draft(Buffer.from([1]), parent),
    ...directory.entries.map((entry) => draft(entry.identifier, entry.target, entry.name)),
  ];
  let end = 0;
  for (const record of records) {
    for (let count = extentCount(record.target); count > 0; count--) end = placeFor(end, recordLength(record)) + recordLength(record);
  }
  directory.sizeBytes = Math.ceil(end / SECTOR_BYTES) * SECTOR_BYTES;
  return { directory, records };
}

/** The bytes of a folder, once everything has its place. `areaBlock` is the first sector of the continuation area. */
export function directoryBytes({ directory, records }: DraftDirectory, timeMs: number, areaBlock: number): Buffer {
  const bytes = Buffer.alloc(directory.sizeBytes);
  let at = 0;
  for (const record of records) {
    const extents = extentsOf(record.target);
    extents.forEach((extent, index) => {
      const encoded = recordBytes(record, extent, { timeMs, areaBlock, moreFollows: index < extents.length - 1 });
      at = placeFor(at, encoded.length);
      encoded.copy(bytes, at);
      at += encoded.length;
    });
  }
  return bytes;
}

/** The record of the root that a volume descriptor has: it is always 34 bytes (ECMA-119 §8.4.18). */
export function rootRecord(root: Directory, timeMs: number): Buffer {
  const record = { identifier: Buffer.from([0]), target: root, use: none, continuedAt: 0 };
  return recordBytes(record, { block: root.block, sizeBytes: root.sizeBytes }, { timeMs, areaBlock: 0, moreFollows: false });
}

// --- internal ---

const none: SystemUse = { inRecord: Buffer.alloc(0), continued: undefined };

function fieldsFor(
  identifier: Buffer,
  target: Directory | FileContent,
  name: string | undefined,
  directory: Directory,
  timeMs: number,
): SystemUse {
  const isFolder = isDirectory(target);
  const links = isFolder ? 2 + target.folderCount : 1;
  const file = { name, isFolder, isExecutable: !isFolder && target.file.isExecutable, links, timeMs };
  const isRootItself = name === undefined && identifier[0] === 0 && directory.parent === undefined;
  return isRootItself ? rootSystemUse(file) : systemUse(file, LARGEST_RECORD - identified(identifier));
}

/** Length of a record up to the fields of others: padded to an even number. */
function identified(identifier: Buffer): number {
  return even(FIXED_BYTES + identifier.length);
}

function recordLength({ identifier, use }: DraftRecord): number {
  return even(identified(identifier) + use.inRecord.length + (use.continued === undefined ? 0 : POINTER_BYTES));
}

function recordBytes(
  record: DraftRecord,
  extent: Extent,
  { timeMs, areaBlock, moreFollows }: { readonly timeMs: number; readonly areaBlock: number; readonly moreFollows: boolean },
): Buffer {
  const { identifier, target, use, continuedAt } = record;
  const bytes = Buffer.alloc(recordLength(record));
  bytes[0] = bytes.length;
  writeBoth32(bytes, extent.block, 2);
  writeBoth32(bytes, extent.sizeBytes, 10);
  recordDate(timeMs).copy(bytes, 18);
  bytes[25] = (isDirectory(target) ? FOLDER_FLAG : 0) | (moreFollows ? MORE_FOLLOWS_FLAG : 0);
  writeBoth16(bytes, 1, 28);
  bytes[32] = identifier.length;
  identifier.copy(bytes, FIXED_BYTES);
  const at = identified(identifier);
  use.inRecord.copy(bytes, at);
  if (use.continued !== undefined) {
    const block = areaBlock + Math.floor(continuedAt / SECTOR_BYTES);
    continuationPointer(block, continuedAt % SECTOR_BYTES, use.continued.length).copy(bytes, at + use.inRecord.length);
  }
  return bytes;
}

function extentCount(target: Directory | FileContent): number {
  return isDirectory(target) ? 1 : Math.max(1, Math.ceil(target.file.sizeBytes / LARGEST_EXTENT));
}

function extentsOf(target: Directory | FileContent): readonly Extent[] {
  if (isDirectory(target)) return [{ block: target.block, sizeBytes: target.sizeBytes }];
  return Array.from({ length: extentCount(target) }, (_, index) => {
    const start = index * LARGEST_EXTENT;
    return { block: target.block + start / SECTOR_BYTES, sizeBytes: Math.min(target.file.sizeBytes - start, LARGEST_EXTENT) };
  });
}

/** Where a record may start: it does not cross the end of a sector (ECMA-119 §6.8.1.1). */
function placeFor(at: number, length: number): number {
  const rest = SECTOR_BYTES - (at % SECTOR_BYTES);
  return length > rest ? at + rest : at;
}

function even(length: number): number {
  return length + (length % 2);
}
