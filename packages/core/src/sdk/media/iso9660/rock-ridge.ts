// POSIX names and modes beside the names of ISO 9660: System Use Sharing Protocol (IEEE P1281) and Rock Ridge (RRIP_1991A).
import { recordDate, SECTOR_BYTES, writeBoth32 } from "./fields.ts";

/** What Rock Ridge says of a file or folder. */
export interface PosixFile {
  /** Undefined for `.` and `..`. */
  readonly name: string | undefined;
  readonly isFolder: boolean;
  readonly isExecutable: boolean;
  readonly links: number;
  readonly timeMs: number;
}

/** The fields of one directory record: some in the record itself, the others in a continuation area that it points to. */
export interface SystemUse {
  readonly inRecord: Buffer;
  readonly continued: Buffer | undefined;
}

/** Bytes of the field that points to the continuation area. */
export const POINTER_BYTES = 28;

/** Bytes of names that one field holds. */
const NAME_BYTES = 250;

/** The fields for a record that has `room` bytes for them. */
export function systemUse(file: PosixFile, room: number): SystemUse {
  const fixed = [posixFields(file), timeFields(file.timeMs)];
  const name = file.name === undefined ? Buffer.alloc(0) : nameFields(file.name);
  const whole = Buffer.concat([...fixed, name]);
  return whole.length <= room ? { inRecord: whole, continued: undefined } : { inRecord: Buffer.concat(fixed), continued: name };
}

/** The fields of the root's own record, which announce the protocol (P1281 §5.3, §5.5). */
export function rootSystemUse(file: PosixFile): SystemUse {
  const announcement = Buffer.from([0x53, 0x50, 7, 1, 0xbe, 0xef, 0]); // SP
  return { inRecord: Buffer.concat([announcement, posixFields(file), timeFields(file.timeMs)]), continued: extensionReference() };
}

/** CE: where the continuation of a record's fields is (P1281 §5.1). */
export function continuationPointer(block: number, offset: number, length: number): Buffer {
  const field = header("CE", POINTER_BYTES);
  writeBoth32(field, block, 4);
  writeBoth32(field, offset, 12);
  writeBoth32(field, length, 20);
  return field;
}

/** Hands out places in continuation areas; none crosses the end of a sector, which readers count on. */
export class ContinuationArea {
  #used = 0;
  readonly #parts: { readonly offset: number; readonly bytes: Buffer }[] = [];

  /** Offset of the bytes from the start of the area. */
  add(bytes: Buffer): number {
    const rest = SECTOR_BYTES - (this.#used % SECTOR_BYTES);
    const offset = bytes.length > rest ? this.#used + rest : this.#used;
    this.#parts.push({ offset, bytes });
    this.#used = offset + bytes.length;
    return offset;
  }

  get sizeBytes(): number {
    return this.#used;
  }

  toBuffer(): Buffer {
    const area = Buffer.alloc(this.#used);
    for (const { offset, bytes } of this.#parts) bytes.copy(area, offset);
    return area;
  }
}

// --- internal ---

/** PX: mode, links, owner (RRIP §4.1.1). Everything belongs to root, so that images do not depend on who made them. */
function posixFields({ isFolder, isExecutable, links }: PosixFile): Buffer {
  const field = header("PX", 36);
  const type = isFolder ? 0o040000 : 0o100000;
  writeBoth32(field, type | (isFolder || isExecutable ? 0o755 : 0o644), 4);
  writeBoth32(field, links, 12);
  return field;
}

/** TF: modification, access and change of attributes (RRIP §4.1.6). */
function timeFields(timeMs: number): Buffer {
  const date = recordDate(timeMs);
  const field = header("TF", 5 + 3 * date.length);
  field[4] = 0x02 | 0x04 | 0x08;
  for (let index = 0; index < 3; index++) date.copy(field, 5 + index * date.length);
  return field;
}

/** NM: the real name, in as many fields as it takes (RRIP §4.1.4). */
function nameFields(name: string): Buffer {
  const bytes = Buffer.from(name);
  const fields: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += NAME_BYTES) {
    const part = bytes.subarray(start, start + NAME_BYTES);
    const field = header("NM", 5 + part.length);
    field[4] = start + part.length < bytes.length ? 1 : 0;
    part.copy(field, 5);
    fields.push(field);
  }
  return Buffer.concat(fields);
}

/** ER: which extension the other fields belong to (RRIP §4.3). The three texts are given by the standard. */
function extensionReference(): Buffer {
  const texts = [
    "RRIP_1991A",
    "THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS",
    "PLEASE CONTACT DISC PUBLISHER FOR SPECIFICATION SOURCE.  SEE PUBLISHER IDENTIFIER IN PRIMARY VOLUME DESCRIPTOR FOR CONTACT INFORMATION.",
  ].map((text) => Buffer.from(text, "latin1"));
  const field = header("ER", 8);
  texts.forEach((text, index) => {
    field[4 + index] = text.length;
  });
  field[7] = 1;
  field[2] = 8 + texts.reduce((sum, text) => sum + text.length, 0);
  return Buffer.concat([field, ...texts]);
}

function header(signature: string, length: number): Buffer {
  const field = Buffer.alloc(length);
  field.write(signature, "latin1");
  field[2] = length;
  field[3] = 1;
  return field;
}
