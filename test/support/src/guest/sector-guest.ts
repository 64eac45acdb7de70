// Guests of one sector: programs for a PC without an operating system, which start in a moment.
import { truncateSync, writeFileSync } from "node:fs";

/** What such a guest does, in this order. Without anything it waits forever. */
export interface SectorGuestOptions {
  /** Printed on the first serial port: ASCII, at most 200 characters. */
  readonly says?: string | undefined;
  /** Waits until enter is typed on its keyboard. */
  readonly waitsForEnter?: boolean | undefined;
  /** Writes over the disk it was started from, from the second sector on, until that fails. */
  readonly fillsDisk?: boolean | undefined;
  /** Powers the machine off (of the types pc and q35). */
  readonly powersOff?: boolean | undefined;
}

/** The boot sector of such a guest. The firmware starts it from a disk, from a floppy, or from a CD without emulation. */
export function sectorGuest({ says = "", waitsForEnter, fillsDisk, powersOff }: SectorGuestOptions): Buffer {
  const code: number[] = [
    ...[0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xd0], // xor ax, ax; mov ds, ax; mov ss, ax
    ...[0xbc, ...word(ORIGIN), 0xfc], // mov sp, ORIGIN; cld
    ...[0x88, 0x16, ...word(ORIGIN + DRIVE)], // mov [DRIVE], dl
    ...[0xbe, ...word(ORIGIN + TEXT)], // mov si, TEXT
    ...[0xac, 0x84, 0xc0, 0x74, 0x06], // lodsb; test al, al; jz behind the jmp
    ...[0xba, 0xf8, 0x03, 0xee, 0xeb, 0xf5], // mov dx, 0x3f8; out dx, al; jmp to lodsb
  ];
  // mov ah, 0; int 0x16; cmp al, 13; jne to the beginning
  if (waitsForEnter === true) code.push(0xb4, 0x00, 0xcd, 0x16, 0x3c, 0x0d, 0x75, 0xf8);
  if (fillsDisk === true) {
    code.push(
      ...[0xbe, ...word(ORIGIN + PACKET), 0x8a, 0x16, ...word(ORIGIN + DRIVE)], // mov si, PACKET; mov dl, [DRIVE]
      ...[0xb8, 0x00, 0x43, 0xcd, 0x13, 0x72, 0x08], // mov ax, 0x4300; int 0x13; jc behind the jmp
      ...[0x66, 0x83, 0x06, ...word(ORIGIN + PACKET + 8), SECTORS], // add dword [PACKET + 8], SECTORS
      ...[0xeb, 0xea], // jmp to the beginning
    );
  }
  if (powersOff === true) code.push(0xba, 0x04, 0x06, 0xb8, 0x00, 0x20, 0xef); // mov dx, 0x604; mov ax, 0x2000; out dx, ax
  code.push(0xf4, 0xeb, 0xfd); // hlt; jmp to hlt
  const sector = Buffer.alloc(512);
  Buffer.from(code).copy(sector);
  // What int 0x13 is to write where (Enhanced Disk Drive Specification): the firmware, which is not empty, from sector 1 on.
  Buffer.from([0x10, 0, SECTORS, 0, 0, 0, 0x00, 0xf0, 1, 0, 0, 0, 0, 0, 0, 0]).copy(sector, PACKET);
  sector.write(says, TEXT, "ascii");
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** Writes a raw disk of 1 MiB that starts such a guest. */
export function writeSectorDisk(path: string, options: SectorGuestOptions): void {
  writeFileSync(path, sectorGuest(options));
  truncateSync(path, 1024 * 1024);
}

// --- internal ---

/** Where the firmware puts the sector. */
const ORIGIN = 0x7c00;
/** Places in the sector. */
const PACKET = 0x90;
const DRIVE = 0xa0;
const TEXT = 0xb0;
/** Sectors that are written at once. */
const SECTORS = 0x40;

function word(value: number): readonly [number, number] {
  return [value & 0xff, value >> 8];
}
