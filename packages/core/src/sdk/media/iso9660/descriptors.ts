// What a CD begins with: its volume descriptors (ECMA-119 §8) and path tables (§9.4).
import { rootRecord } from "./directory-records.ts";
import type { Directory } from "./directory-tree.ts";
import { noVolumeDate, SECTOR_BYTES, volumeDate, writeBoth16, writeBoth32 } from "./fields.ts";
import { bigEndian16 } from "./names.ts";

/** One of the two trees, with the places of its path tables. */
export interface Volume {
  readonly kind: "primary" | "joliet";
  readonly root: Directory;
  readonly pathTableBytes: number;
  readonly littleEndianBlock: number;
  readonly bigEndianBlock: number;
}

/** The descriptor of a volume: primary (§8.4), or the supplementary one that Joliet uses (§8.5). */
export function volumeDescriptor(
  volume: Volume,
  whole: { readonly label: string; readonly blocks: number; readonly timeMs: number },
): Buffer {
  const isJoliet = volume.kind === "joliet";
  const sector = descriptor(isJoliet ? 2 : 1);
  const text = (value: string, offset: number, length: number): void => {
    padded(value, length, isJoliet).copy(sector, offset);
  };
  text("", 8, 32);
  text(whole.label, 40, 32);
  writeBoth32(sector, whole.blocks, 80);
  // UCS-2 level 3 (Joliet specification §3.1).
  if (isJoliet) sector.write("%/E", 88, "latin1");
  writeBoth16(sector, 1, 120);
  writeBoth16(sector, 1, 124);
  writeBoth16(sector, SECTOR_BYTES, 128);
  writeBoth32(sector, volume.pathTableBytes, 132);
  sector.writeUInt32LE(volume.littleEndianBlock, 140);
  sector.writeUInt32BE(volume.bigEndianBlock, 148);
  rootRecord(volume.root, whole.timeMs).copy(sector, 156);
  for (const offset of [190, 318, 446]) text("", offset, 128);
  text("TSPACK", 574, 128);
  for (const offset of [702, 739, 776]) text("", offset, 37);
  volumeDate(whole.timeMs).copy(sector, 813);
  volumeDate(whole.timeMs).copy(sector, 830);
  noVolumeDate.copy(sector, 847);
  noVolumeDate.copy(sector, 864);
  sector[881] = 1;
  return sector;
}

/** The descriptor that ends the list (§8.3). */
export function terminator(): Buffer {
  return descriptor(255);
}

/** Bytes of a path table. */
export function pathTableSize(directories: readonly Directory[]): number {
  return directories.reduce((sum, { identifier }) => sum + entryLength(identifier), 0);
}

/** The folders with their places, level by level (§9.4): readers that know of it find deep folders faster. */
export function pathTable(directories: readonly Directory[], order: "little" | "big"): Buffer {
  const table = Buffer.alloc(pathTableSize(directories));
  let at = 0;
  for (const { identifier, block, parent } of directories) {
    const parentNumber = parent?.number ?? 1;
    table[at] = identifier.length;
    if (order === "little") {
      table.writeUInt32LE(block, at + 2);
      table.writeUInt16LE(parentNumber, at + 6);
    } else {
      table.writeUInt32BE(block, at + 2);
      table.writeUInt16BE(parentNumber, at + 6);
    }
    identifier.copy(table, at + 8);
    at += entryLength(identifier);
  }
  return table;
}

// --- internal ---

function descriptor(type: number): Buffer {
  const sector = Buffer.alloc(SECTOR_BYTES);
  sector[0] = type;
  sector.write("CD001", 1, "latin1");
  sector[6] = 1;
  return sector;
}

/** A text filled up with spaces, in the character set of its volume. An odd byte at the end of a Joliet field stays zero. */
function padded(value: string, length: number, isJoliet: boolean): Buffer {
  if (!isJoliet) return Buffer.from(value.padEnd(length).slice(0, length), "latin1");
  const units = Math.floor(length / 2);
  return Buffer.concat([bigEndian16(value.padEnd(units).slice(0, units)), Buffer.alloc(length % 2)]);
}

function entryLength(identifier: Buffer): number {
  return 8 + identifier.length + (identifier.length % 2);
}
