// The 512-byte headers of a tar archive: ustar, preceded by a PAX record (POSIX.1-2001, pax "Extended Header") for what
// ustar's fields cannot hold.
import { basename } from "node:path/posix";

export const TAR_BLOCK_LENGTH = 512;

const NAME_LENGTH = 100;
const PREFIX_LENGTH = 155;
const OWNER_NAME_LENGTH = 31;
/** Eleven and seven octal digits: what the size and time, and the owner fields hold. */
const LARGEST_SIZE = 0o77777777777;
const LARGEST_ID = 0o7777777;

const typeFlags = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  "character-device": "3",
  "block-device": "4",
  directory: "5",
  fifo: "6",
} as const;

export type TarEntryType = keyof typeof typeFlags;

/** Everything of an archive member but its content. */
export interface TarHeader {
  /** Slash-separated path inside the archive; a folder's trailing slash is added where it is missing. */
  readonly name: string;
  readonly type: TarEntryType;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly userName?: string | undefined;
  readonly groupName?: string | undefined;
  /** Whole seconds since 1970; 0 unless given. */
  readonly mtimeSeconds?: number | undefined;
  /** Target of a symbolic link, or the earlier member that a hard link stands for. */
  readonly linkName?: string | undefined;
  readonly device?: { readonly major: number; readonly minor: number } | undefined;
  /** Extended attributes by full name (`security.capability`), as GNU tar and libarchive store them. */
  readonly xattrs?: { readonly [name: string]: Uint8Array } | undefined;
}

/** The header blocks of one member with `sizeBytes` of content. */
export function tarHeader(header: TarHeader, sizeBytes: number): Buffer {
  const name = header.type === "directory" && !header.name.endsWith("/") ? `${header.name}/` : header.name;
  const records: Buffer[] = [];
  const need = (key: string, value: string | Uint8Array): void => {
    records.push(paxRecord(key, typeof value === "string" ? Buffer.from(value) : value));
  };

  const split = splitName(name);
  if (split === undefined) need("path", name);
  const linkName = header.linkName ?? "";
  const linkFits = isAscii(linkName) && linkName.length <= NAME_LENGTH;
  if (!linkFits) need("linkpath", linkName);
  if (sizeBytes > LARGEST_SIZE) need("size", String(sizeBytes));
  const uid = header.uid ?? 0;
  if (uid > LARGEST_ID) need("uid", String(uid));
  const gid = header.gid ?? 0;
  if (gid > LARGEST_ID) need("gid", String(gid));
  const mtime = Math.floor(header.mtimeSeconds ?? 0);
  const mtimeFits = mtime >= 0 && mtime <= LARGEST_SIZE;
  if (!mtimeFits) need("mtime", String(mtime));
  for (const [owner, key] of [
    [header.userName, "uname"],
    [header.groupName, "gname"],
  ] as const) {
    if (owner !== undefined && !ownerFits(owner)) need(key, owner);
  }
  // Sorted, so that the same attributes give the same bytes in whatever order the system listed them.
  for (const [attribute, value] of Object.entries(header.xattrs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    need(`SCHILY.xattr.${attribute}`, value);
  }

  const block = ustarBlock({
    prefix: split?.prefix ?? "",
    name: split?.name ?? asciiName(name),
    mode: header.mode & 0o7777,
    uid: uid > LARGEST_ID ? 0 : uid,
    gid: gid > LARGEST_ID ? 0 : gid,
    size: sizeBytes > LARGEST_SIZE ? 0 : sizeBytes,
    mtime: mtimeFits ? mtime : 0,
    flag: typeFlags[header.type],
    linkName: linkFits ? linkName : asciiName(linkName),
    userName: ownerFits(header.userName ?? "") ? (header.userName ?? "") : "",
    groupName: ownerFits(header.groupName ?? "") ? (header.groupName ?? "") : "",
    device: header.device,
  });
  if (records.length === 0) return block;
  const extended = Buffer.concat(records);
  const paxBlock = ustarBlock({
    prefix: "",
    name: asciiName(`PaxHeaders.0/${basename(name)}`),
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: extended.length,
    mtime: 0,
    flag: "x",
    linkName: "",
    userName: "",
    groupName: "",
    device: undefined,
  });
  return Buffer.concat([paxBlock, extended, tarPadding(extended.length), block]);
}

/** The zeros that fill the last block of content of this length. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((TAR_BLOCK_LENGTH - (sizeBytes % TAR_BLOCK_LENGTH)) % TAR_BLOCK_LENGTH);
}

/** The two empty blocks that end an archive. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * TAR_BLOCK_LENGTH);
}

interface UstarFields {
  readonly prefix: string;
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly flag: string;
  readonly linkName: string;
  readonly userName: string;
  readonly groupName: string;
  readonly device: TarHeader["device"];
}

function ustarBlock(fields: UstarFields): Buffer {
  const block = Buffer.alloc(TAR_BLOCK_LENGTH);
  block.write(fields.name, 0, NAME_LENGTH, "latin1");
  octal(block, 100, 8, fields.mode);
  octal(block, 108, 8, fields.uid);
  octal(block, 116, 8, fields.gid);
  octal(block, 124, 12, fields.size);
  octal(block, 136, 12, fields.mtime);
  block.write("        ", 148, "latin1");
  block.write(fields.flag, 156, "latin1");
  block.write(fields.linkName, 157, NAME_LENGTH, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  block.write(fields.userName, 265, 32, "latin1");
  block.write(fields.groupName, 297, 32, "latin1");
  if (fields.device !== undefined) {
    octal(block, 329, 8, fields.device.major);
    octal(block, 337, 8, fields.device.minor);
  }
  block.write(fields.prefix, 345, PREFIX_LENGTH, "latin1");
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function octal(block: Buffer, offset: number, length: number, value: number): void {
  block.write(value.toString(8).padStart(length - 1, "0"), offset, length - 1, "latin1");
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts itself. */
function paxRecord(key: string, value: Uint8Array): Buffer {
  const rest = Buffer.byteLength(key) + value.length + 3;
  let length = rest + String(rest).length;
  // Counting the digits may add one.
  length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from("\n")]);
}

/** A path as ustar's two fields; undefined when it does not fit or is not ASCII. */
function splitName(name: string): { readonly prefix: string; readonly name: string } | undefined {
  if (!isAscii(name)) return undefined;
  if (name.length <= NAME_LENGTH) return { prefix: "", name };
  // The name field must not be empty, so a folder's trailing slash is no place to cut.
  for (let cut = name.indexOf("/", name.length - NAME_LENGTH - 1); cut !== -1 && cut < name.length - 1; cut = name.indexOf("/", cut + 1)) {
    if (cut > 0 && cut <= PREFIX_LENGTH) return { prefix: name.slice(0, cut), name: name.slice(cut + 1) };
  }
  return undefined;
}

/** What a reader without PAX would see: other characters replaced, cut to the field. */
function asciiName(name: string): string {
  return name.replace(/[^\x20-\x7e]/gu, "_").slice(0, NAME_LENGTH);
}

function isAscii(text: string): boolean {
  return /^[\x01-\x7f]*$/.test(text);
}

function ownerFits(name: string): boolean {
  return isAscii(name) && name.length <= OWNER_NAME_LENGTH;
}
