// The 32-byte entries of FAT folders, long names included.
import type { FatName } from "./names.ts";

/** Bytes of one entry. */
export const ENTRY_BYTES = 32;

const READ_ONLY_HIDDEN_SYSTEM_LABEL = 0x0f;
const LABEL = 0x08;
const FOLDER = 0x10;
const ARCHIVE = 0x20;
/** Characters of a long name in one entry: five, six and two. */
const longPieces = [
  { offset: 1, units: 5 },
  { offset: 14, units: 6 },
  { offset: 28, units: 2 },
];
const LONG_UNITS = 13;

/** What an entry says besides its name. */
export interface EntryTarget {
  readonly isFolder: boolean;
  readonly firstCluster: number;
  /** 0 for folders. */
  readonly sizeBytes: number;
  readonly timeMs: number;
}

/** How many entries a name takes. */
export function entryCount({ long }: FatName): number {
  return 1 + (long === undefined ? 0 : Math.ceil(long.length / LONG_UNITS));
}

/** The entries of a file or folder: its long name, last piece first, then the entry itself. */
export function fileEntries(name: FatName, target: EntryTarget): Buffer {
  const entry = shortEntry(name.short, target.isFolder ? FOLDER : ARCHIVE, target.timeMs);
  entry.writeUInt16LE(target.firstCluster, 26);
  entry.writeUInt32LE(target.sizeBytes, 28);
  return name.long === undefined ? entry : Buffer.concat([...longEntries(name.long, name.short), entry]);
}

/** `.` or `..` of a folder; the root counts as cluster 0. */
export function dotEntry(dots: "." | "..", firstCluster: number, timeMs: number): Buffer {
  return fileEntries(
    { short: Buffer.from(dots.padEnd(11), "latin1"), long: undefined },
    { isFolder: true, firstCluster, sizeBytes: 0, timeMs },
  );
}

/** The entry in the root that holds the name of the volume. */
export function labelEntry(label: string, timeMs: number): Buffer {
  return shortEntry(Buffer.from(label.padEnd(11), "latin1"), LABEL, timeMs);
}

// --- internal ---

function shortEntry(name: Buffer, attributes: number, timeMs: number): Buffer {
  const entry = Buffer.alloc(ENTRY_BYTES);
  name.copy(entry);
  entry[11] = attributes;
  const { date, time } = fatTime(timeMs);
  for (const [dateAt, timeAt] of [
    [16, 14],
    [24, 22],
  ] as const) {
    entry.writeUInt16LE(date, dateAt);
    entry.writeUInt16LE(time, timeAt);
  }
  entry.writeUInt16LE(date, 18);
  return entry;
}

/** UTC, in steps of two seconds, from 1980 to 2107. */
function fatTime(timeMs: number): { readonly date: number; readonly time: number } {
  const date = new Date(Math.min(Math.max(timeMs, Date.UTC(1980, 0, 1)), Date.UTC(2107, 11, 31)));
  return {
    date: ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate(),
    time: (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1),
  };
}

function longEntries(name: string, short: Buffer): readonly Buffer[] {
  const count = Math.ceil(name.length / LONG_UNITS);
  const checksum = shortChecksum(short);
  const entries: Buffer[] = [];
  for (let number = count; number >= 1; number--) {
    const entry = Buffer.alloc(ENTRY_BYTES);
    entry[0] = number | (number === count ? 0x40 : 0);
    entry[11] = READ_ONLY_HIDDEN_SYSTEM_LABEL;
    entry[13] = checksum;
    let index = (number - 1) * LONG_UNITS;
    for (const { offset, units } of longPieces) {
      for (let unit = 0; unit < units; unit++, index++) entry.writeUInt16LE(longUnit(name, index), offset + 2 * unit);
    }
    entries.push(entry);
  }
  return entries;
}

/** A long name is ended by a zero and then filled up with ones. */
function longUnit(name: string, index: number): number {
  if (index < name.length) return name.charCodeAt(index);
  return index === name.length ? 0 : 0xffff;
}

function shortChecksum(short: Buffer): number {
  return short.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
}
