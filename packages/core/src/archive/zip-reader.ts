// Takes files out of a zip archive (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16). Stored and deflated entries; neither
// encryption, nor archives in parts, nor zip64: whoever uses it says how large a file may be, far below 4 GB.
import { createWriteStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { crc32, createInflateRaw, inflateRaw } from "node:zlib";
import { BuildError } from "../diagnostics/error.ts";

export interface ZipExtraction {
  /** The exact name of the entry; all others are left alone. */
  readonly name: string;
  /** Where its content goes; the file is replaced. */
  readonly destination: string;
  readonly largestBytes: number;
  readonly signal: AbortSignal;
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_ENTRY = 0x04034b50;
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;
const LOCAL_LENGTH = 30;
/** Stands where a number is in a record of zip64. */
const ZIP64 = 0xffffffff;
const LONGEST_COMMENT = 0xffff;
/** Far more than the directory of an archive with a few files has. */
const LARGEST_DIRECTORY_BYTES = 16 * 1024 * 1024;

/**
 * Writes the content of the named entry to a file; false when there is none of that name. Throws `BuildError` (TPK7001) when the
 * archive is damaged, the entry is not a plain file, or is too large; what was written by then is the caller's to remove.
 */
export async function extractFromZip(archive: string, extraction: ZipExtraction): Promise<boolean> {
  const file = await open(archive, "r");
  try {
    const { size } = await file.stat();
    const entry = findEntry(await readDirectory(file, size), extraction.name);
    if (entry === undefined) return false;
    if (entry.sizeBytes > extraction.largestBytes) throw damaged(`${extraction.name} in it is too large`);
    const start = await contentStart(file, entry);
    if (start + entry.compressedBytes > size) throw damaged("it is cut off");
    await writeEntry(file, start, entry, extraction);
    return true;
  } finally {
    await file.close();
  }
}

/**
 * Writes the only file of an archive; its folders do not count. Throws as `extractFromZip` does, and when there is not exactly one file. One of
 * over 4 GB (zip64) cannot be read.
 */
export async function extractOnlyFile(archive: string, options: Pick<ZipExtraction, "destination" | "signal">): Promise<void> {
  const file = await open(archive, "r");
  try {
    const { size } = await file.stat();
    const files = [...entriesOf(await readDirectory(file, size))].filter(({ name }) => !name.endsWith("/"));
    const [only, ...others] = files;
    if (only === undefined || others.length > 0) throw damaged(`it has ${files.length} files, where one is wanted`);
    const entry = only.read();
    if ([entry.sizeBytes, entry.compressedBytes, entry.localOffset].includes(ZIP64))
      throw damaged(`${only.name} in it is larger than 4 GB`);
    const start = await contentStart(file, entry);
    if (start + entry.compressedBytes > size) throw damaged("it is cut off");
    await writeEntry(file, start, entry, { name: only.name, ...options });
  } finally {
    await file.close();
  }
}

/** Which entries are read into memory, and how much they may be. */
export interface ZipTexts {
  /** True for the names that are wanted. */
  readonly isWanted: (name: string) => boolean;
  /** More than so many wanted entries, or so many bytes in all of them, are refused. */
  readonly mostEntries: number;
  readonly largestBytes: number;
}

/** The content of the wanted files as text, by their names, in the order of the archive. Throws `BuildError` (TPK7001) as above. */
export async function readZipTexts(
  archive: string,
  { isWanted, mostEntries, largestBytes }: ZipTexts,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const file = await open(archive, "r");
  try {
    const { size } = await file.stat();
    let left = largestBytes;
    for (const { name, read } of entriesOf(await readDirectory(file, size))) {
      // Folders end with a slash.
      if (name.endsWith("/") || !isWanted(name)) continue;
      const entry = read();
      left -= entry.sizeBytes;
      if (left < 0 || texts.size === mostEntries) throw damaged("there is too much in it");
      texts.set(name, await readText(file, size, entry, name));
    }
    return texts;
  } finally {
    await file.close();
  }
}

// --- internal ---

interface Entry {
  readonly method: number;
  readonly checksum: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  readonly localOffset: number;
}

async function readDirectory(file: FileHandle, size: number): Promise<Buffer> {
  const tail = await readAt(file, Math.max(0, size - END_LENGTH - LONGEST_COMMENT), Math.min(size, END_LENGTH + LONGEST_COMMENT));
  for (let at = tail.length - END_LENGTH; at >= 0; at--) {
    // The comment behind it has to end where the file ends: its text may look like a directory's end.
    if (tail.readUInt32LE(at) !== END_OF_DIRECTORY || at + END_LENGTH + tail.readUInt16LE(at + 20) !== tail.length) continue;
    const length = tail.readUInt32LE(at + 12);
    const offset = tail.readUInt32LE(at + 16);
    if (length > LARGEST_DIRECTORY_BYTES || offset + length > size) throw damaged("its directory is not where it says");
    return readAt(file, offset, length);
  }
  throw damaged("it has no directory");
}

function findEntry(directory: Buffer, wanted: string): Entry | undefined {
  for (const { name, read } of entriesOf(directory)) if (name === wanted) return read();
  return undefined;
}

/** Every entry; what else is said about one is read, and judged, when it is wanted. */
function* entriesOf(directory: Buffer): Generator<{ readonly name: string; readonly read: () => Entry }, void, undefined> {
  let at = 0;
  while (at + ENTRY_LENGTH <= directory.length && directory.readUInt32LE(at) === DIRECTORY_ENTRY) {
    const start = at;
    const nameLength = directory.readUInt16LE(start + 28);
    const name = directory.toString("utf8", start + ENTRY_LENGTH, start + ENTRY_LENGTH + nameLength);
    at += ENTRY_LENGTH + nameLength + directory.readUInt16LE(start + 30) + directory.readUInt16LE(start + 32);
    yield { name, read: () => readEntry(directory, start, name) };
  }
}

function readEntry(directory: Buffer, at: number, name: string): Entry {
  if ((directory.readUInt16LE(at + 8) & 1) !== 0) throw damaged(`${name} in it is encrypted`);
  // On Unix the upper half holds the kind of file: a link would lead elsewhere.
  const kind = (directory.readUInt32LE(at + 38) >>> 16) & 0o170000;
  if (directory.readUInt8(at + 5) === 3 && kind !== 0 && kind !== 0o100000) throw damaged(`${name} in it is not a plain file`);
  return {
    method: directory.readUInt16LE(at + 10),
    checksum: directory.readUInt32LE(at + 16),
    compressedBytes: directory.readUInt32LE(at + 20),
    sizeBytes: directory.readUInt32LE(at + 24),
    localOffset: directory.readUInt32LE(at + 42),
  };
}

async function readText(file: FileHandle, size: number, entry: Entry, name: string): Promise<string> {
  const start = await contentStart(file, entry);
  if (start + entry.compressedBytes > size) throw damaged("it is cut off");
  const packed = await readAt(file, start, entry.compressedBytes);
  let content = packed;
  if (entry.method === 8) {
    try {
      // Stops as soon as there is more than announced.
      content = await promisify<Buffer, { maxOutputLength: number }, Buffer>(inflateRaw)(packed, { maxOutputLength: entry.sizeBytes + 1 });
    } catch (cause) {
      throw damaged(`${name} in it could not be unpacked`, cause);
    }
  } else if (entry.method !== 0) throw damaged(`${name} in it is packed in a way that is not supported (${entry.method})`);
  if (content.length !== entry.sizeBytes || crc32(content) !== entry.checksum)
    throw damaged(`the content of ${name} in it is not what was packed`);
  return content.toString();
}

async function contentStart(file: FileHandle, { localOffset }: Entry): Promise<number> {
  const header = await readAt(file, localOffset, LOCAL_LENGTH);
  if (header.readUInt32LE(0) !== LOCAL_ENTRY) throw damaged("an entry is not where its directory says");
  return localOffset + LOCAL_LENGTH + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function writeEntry(
  file: FileHandle,
  start: number,
  entry: Entry,
  { name, destination, signal }: Omit<ZipExtraction, "largestBytes">,
): Promise<void> {
  if (entry.method !== 0 && entry.method !== 8) throw damaged(`${name} in it is packed in a way that is not supported (${entry.method})`);
  let done = 0;
  let checksum = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      done += chunk.length;
      // A few bytes may unpack to any number of them.
      if (done > entry.sizeBytes) return callback(damaged(`${name} in it is larger than it says`));
      checksum = crc32(chunk, checksum);
      callback(null, chunk);
    },
  });
  const content = readRange(file, start, entry.compressedBytes);
  const output = createWriteStream(destination);
  try {
    if (entry.method === 0) await pipeline(content, counted, output, { signal });
    else await pipeline(content, createInflateRaw(), counted, output, { signal });
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("Z_")) throw damaged(error.message, error);
    throw error;
  }
  if (done !== entry.sizeBytes || checksum !== entry.checksum) throw damaged(`the content of ${name} in it is not what was packed`);
}

async function* readRange(file: FileHandle, start: number, length: number): AsyncGenerator<Buffer, void, undefined> {
  const PIECE = 256 * 1024;
  for (let done = 0; done < length; ) {
    const piece = await readAt(file, start + done, Math.min(PIECE, length - done));
    yield piece;
    done += piece.length;
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw damaged("it is cut off");
  return buffer;
}

function damaged(why: string, cause?: unknown): BuildError {
  return new BuildError(`the zip archive cannot be used: ${why}`, { code: "TPK7001", cause });
}
