// Reads what a dynamically linked program asks for, without running it: System V ABI, chapters "Object Files" and "Dynamic
// Linking". Programs of other architectures and byte orders are read alike.
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { BuildError } from "../../../../diagnostics/error.ts";

/** What the dynamic loader would look at. */
export interface ElfFile {
  /** Class and machine: libraries must have the same. */
  readonly wordBits: 32 | 64;
  readonly machine: number;
  /** `PT_INTERP`: the loader; undefined for libraries and static programs. */
  readonly interpreter: string | undefined;
  /** `DT_NEEDED`, in order. */
  readonly needed: readonly string[];
  /** `DT_RPATH` and `DT_RUNPATH`, cut at the colons. */
  readonly rpath: readonly string[];
  readonly runpath: readonly string[];
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_RPATH = 15;
const DT_RUNPATH = 29;
/** More than any real program has; a file that claims more is broken. */
const MOST_TABLE_BYTES = 4 * 1024 * 1024;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
}

/** The dynamic-linking facts of a file; undefined when it is no ELF file. Throws when it is a broken one. */
export async function readElf(path: string): Promise<ElfFile | undefined> {
  const file = await open(path, "r");
  try {
    const start = Buffer.alloc(64);
    const { bytesRead } = await file.read(start, 0, 64, 0);
    if (bytesRead < 52 || start.readUInt32BE(0) !== 0x7f454c46) return undefined;
    const reader = new ElfReader(start);
    return await readDynamic(file, reader, start);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new BuildError(`${path} is not a well-formed ELF file`, { code: "TPK3107", cause });
  } finally {
    await file.close();
  }
}

async function readDynamic(file: FileHandle, reader: ElfReader, header: Buffer): Promise<ElfFile> {
  const segments = await readSegments(file, reader, header);
  const machine = reader.half(header, 18);
  const interp = segments.find((segment) => segment.type === PT_INTERP);
  const interpreter = interp && textAt(await readPart(file, interp.offset, interp.fileBytes), 0);
  const facts = { wordBits: reader.wordBits, machine, interpreter };
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  if (dynamic === undefined) return { ...facts, needed: [], rpath: [], runpath: [] };

  const table = await readPart(file, dynamic.offset, dynamic.fileBytes);
  const entries: { tag: number; value: number }[] = [];
  const word = reader.wordBits / 8;
  for (let at = 0; at + 2 * word <= table.length; at += 2 * word) {
    const tag = reader.word(table, at);
    if (tag === 0) break;
    entries.push({ tag, value: reader.word(table, at + word) });
  }
  const entryOf = (tag: number): number | undefined => entries.find((entry) => entry.tag === tag)?.value;
  const address = entryOf(DT_STRTAB);
  if (address === undefined) return { ...facts, needed: [], rpath: [], runpath: [] };
  const home = segments.find(
    (segment) => segment.type === PT_LOAD && address >= segment.address && address < segment.address + segment.fileBytes,
  );
  if (home === undefined) throw new RangeError("the string table is in no segment");
  const start = home.offset + address - home.address;
  // The table may be large (it names every exported symbol), and we want few of it.
  const texts = (tag: number): Promise<string[]> =>
    Promise.all(entries.filter((entry) => entry.tag === tag).map((entry) => readText(file, start + entry.value)));
  const paths = async (tag: number): Promise<string[]> =>
    (await texts(tag)).flatMap((list) => list.split(":").filter((path) => path !== ""));
  return { ...facts, needed: await texts(DT_NEEDED), rpath: await paths(DT_RPATH), runpath: await paths(DT_RUNPATH) };
}

async function readSegments(file: FileHandle, reader: ElfReader, start: Buffer): Promise<Segment[]> {
  const wide = reader.wordBits === 64;
  const offset = reader.word(start, wide ? 32 : 28);
  const entryBytes = reader.half(start, wide ? 54 : 42);
  const count = reader.half(start, wide ? 56 : 44);
  const table = await readPart(file, offset, entryBytes * count);
  return Array.from({ length: count }, (_, index) => {
    const at = index * entryBytes;
    return {
      type: reader.integer(table, at),
      offset: reader.word(table, at + (wide ? 8 : 4)),
      address: reader.word(table, at + (wide ? 16 : 8)),
      fileBytes: reader.word(table, at + (wide ? 32 : 16)),
    };
  });
}

/** Integers in the byte order and width of one file. */
class ElfReader {
  readonly wordBits: 32 | 64;
  readonly #little: boolean;

  constructor(start: Buffer) {
    this.wordBits = start[4] === 2 ? 64 : 32;
    this.#little = start[5] === 1;
  }
  half(buffer: Buffer, at: number): number {
    return this.#little ? buffer.readUInt16LE(at) : buffer.readUInt16BE(at);
  }
  integer(buffer: Buffer, at: number): number {
    return this.#little ? buffer.readUInt32LE(at) : buffer.readUInt32BE(at);
  }
  word(buffer: Buffer, at: number): number {
    if (this.wordBits === 32) return this.integer(buffer, at);
    return Number(this.#little ? buffer.readBigUInt64LE(at) : buffer.readBigUInt64BE(at));
  }
}

async function readPart(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  if (length > MOST_TABLE_BYTES) throw new RangeError("a table is too large");
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, offset);
  if (bytesRead < length) throw new RangeError("a table lies outside the file");
  return buffer;
}

/** Text up to its zero. Library names and search paths are short. */
async function readText(file: FileHandle, offset: number): Promise<string> {
  const buffer = Buffer.alloc(4096);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
  return textAt(buffer.subarray(0, bytesRead), 0);
}

function textAt(buffer: Buffer, at: number): string {
  const end = buffer.indexOf(0, at);
  return buffer.toString("utf8", at, end === -1 ? buffer.length : end);
}
