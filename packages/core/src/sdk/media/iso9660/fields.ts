// The kinds of field that ISO 9660 knows (ECMA-119 §7 and §8.4.26, §9.1.5).

/** Bytes of a sector and of a logical block: always the same here. */
export const SECTOR_BYTES = 2048;

/** How many sectors so many bytes take. */
export function sectors(bytes: number): number {
  return Math.ceil(bytes / SECTOR_BYTES);
}

/** A number in both byte orders, 16 bits each (§7.2.3). */
export function writeBoth16(buffer: Buffer, value: number, offset: number): void {
  buffer.writeUInt16LE(value, offset);
  buffer.writeUInt16BE(value, offset + 2);
}

/** A number in both byte orders, 32 bits each (§7.3.3). */
export function writeBoth32(buffer: Buffer, value: number, offset: number): void {
  buffer.writeUInt32LE(value, offset);
  buffer.writeUInt32BE(value, offset + 4);
}

/** Seven bytes: the date of a file (§9.1.5), in UTC. Years that the field cannot hold become the nearest. */
export function recordDate(timeMs: number): Buffer {
  const date = new Date(timeMs);
  const year = Math.min(Math.max(date.getUTCFullYear() - 1900, 0), 255);
  return Buffer.from([year, date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), 0]);
}

/** Seventeen bytes: the date of a volume (§8.4.26.1), in UTC. */
export function volumeDate(timeMs: number): Buffer {
  const date = new Date(timeMs);
  const digits = (value: number, count: number): string => String(value).padStart(count, "0").slice(-count);
  const text =
    digits(date.getUTCFullYear(), 4) +
    digits(date.getUTCMonth() + 1, 2) +
    digits(date.getUTCDate(), 2) +
    digits(date.getUTCHours(), 2) +
    digits(date.getUTCMinutes(), 2) +
    digits(date.getUTCSeconds(), 2) +
    digits(Math.floor(date.getUTCMilliseconds() / 10), 2);
  return Buffer.concat([Buffer.from(text, "latin1"), Buffer.from([0])]);
}

/** The date of a volume that says "not specified" (§8.4.26.1). */
export const noVolumeDate: Buffer = Buffer.concat([Buffer.from("0".repeat(16), "latin1"), Buffer.from([0])]);
