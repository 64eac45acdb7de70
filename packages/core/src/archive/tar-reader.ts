// Reads tar archives: ustar, PAX records (POSIX.1-2001) with extended attributes as bytes, GNU long names and base-256 numbers.
import { BuildError } from "../diagnostics/error.ts";
import { TAR_BLOCK_LENGTH, type TarEntryType, type TarHeader } from "./tar-header.ts";

/** One member of an archive that is being read. */
export interface TarMember extends TarHeader {
  readonly sizeBytes: number;
  /** The bytes of a file, to be read before the next member is asked for; what is left unread is skipped. */
  readonly content: AsyncIterable<Uint8Array>;
}

const types: { readonly [flag: string]: TarEntryType } = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "character-device",
  "4": "block-device",
  "5": "directory",
  "6": "fifo",
};

/** Headers that describe the next member are small; one that claims more is broken. */
const MOST_EXTENSION_BYTES = 1024 * 1024;

/**
 * Yields the members in order, with memory bounded by one chunk of the source. Names are as the archive has them: whoever
 * writes them to a disk must make them safe. Throws `BuildError` (TPK3107) for what is not a tar archive or ends early.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarMember, void, undefined> {
  const input = new BlockInput(source);
  let global: Records = new Map();
  try {
    for (;;) {
      const extensions: Records = new Map(global);
      const block = await nextHeader(input, extensions, (records) => {
        global = new Map([...global, ...records]);
      });
      if (block === undefined) return;
      const member = toMember(block, extensions);
      const content = input.part(member.sizeBytes);
      yield { ...member, content };
      await input.skipPart();
    }
  } finally {
    await input.close();
  }
}

/** PAX keywords and their values; GNU's long names are stored under `path` and `linkpath`. */
type Records = Map<string, Buffer>;

/** The header block of the next real member, after collecting the extensions before it; undefined at the end. */
async function nextHeader(input: BlockInput, extensions: Records, setGlobal: (records: Records) => void): Promise<Buffer | undefined> {
  for (;;) {
    const block = await input.block();
    // The end is two empty blocks, but archives that just stop are common.
    if (block === undefined || block.every((byte) => byte === 0)) return undefined;
    checkSum(block);
    const flag = String.fromCharCode(block[156] ?? 0);
    if (!"xgLK".includes(flag)) return block;
    const size = numberAt(block, 124, 12);
    if (size > MOST_EXTENSION_BYTES) throw broken("an extended header is too large");
    const body = await input.whole(size);
    if (flag === "x") for (const [key, value] of paxRecords(body)) extensions.set(key, value);
    else if (flag === "g") setGlobal(paxRecords(body));
    else extensions.set(flag === "L" ? "path" : "linkpath", untilZero(body));
  }
}

function toMember(block: Buffer, records: Records): Omit<TarMember, "content"> {
  const flag = String.fromCharCode(block[156] ?? 0);
  const type = types[flag];
  if (type === undefined || records.has("GNU.sparse.major") || records.has("GNU.sparse.map")) {
    throw broken(`it has a member of a kind that is not supported (${type === undefined ? JSON.stringify(flag) : "sparse file"})`);
  }
  const text = (key: string): string | undefined => records.get(key)?.toString("utf8");
  const number = (key: string, fallback: number): number => {
    const value = text(key);
    if (value === undefined) return fallback;
    // Times have fractions and may be before 1970.
    if (!(key === "mtime" ? /^-?\d+(\.\d*)?$/ : /^\d+$/).test(value)) throw broken(`the ${key} of a member is malformed`);
    return Number(value);
  };
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? textAt(block, 345, 155) : "";
  const name = textAt(block, 0, 100);
  const xattrs = [...records].filter(([key]) => key.startsWith("SCHILY.xattr.")).map(([key, value]) => [key.slice(13), value] as const);
  const size = number("size", numberAt(block, 124, 12));
  if (!Number.isSafeInteger(size) || size < 0) throw broken("a member has an impossible size");
  return {
    name: text("path") ?? (prefix === "" ? name : `${prefix}/${name}`),
    type: type === "file" && (text("path") ?? name).endsWith("/") ? "directory" : type,
    mode: numberAt(block, 100, 8) & 0o7777,
    uid: number("uid", numberAt(block, 108, 8)),
    gid: number("gid", numberAt(block, 116, 8)),
    userName: text("uname") ?? textAt(block, 265, 32),
    groupName: text("gname") ?? textAt(block, 297, 32),
    mtimeSeconds: Math.floor(number("mtime", numberAt(block, 136, 12))),
    linkName: text("linkpath") ?? textAt(block, 157, 100),
    device: type.endsWith("device") ? { major: numberAt(block, 329, 8), minor: numberAt(block, 337, 8) } : undefined,
    xattrs: xattrs.length === 0 ? undefined : Object.fromEntries(xattrs),
    sizeBytes: type === "file" ? size : 0,
  };
}

function checkSum(block: Buffer): void {
  let sum = 8 * 32;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  if (sum !== numberAt(block, 148, 8)) throw broken("a header's checksum is wrong");
}

/** `LENGTH KEY=VALUE\n`, repeated; values are bytes. */
function paxRecords(body: Buffer): Records {
  const records: Records = new Map();
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const length = Number(body.toString("latin1", at, space));
    const equals = body.indexOf(0x3d, space);
    if (space === -1 || !(length > 0) || equals === -1 || at + length > body.length) throw broken("an extended header is malformed");
    records.set(body.toString("utf8", space + 1, equals), body.subarray(equals + 1, at + length - 1));
    at += length;
  }
  return records;
}

/** Octal text, or GNU's base-256 when the first bit is set. */
function numberAt(block: Buffer, offset: number, length: number): number {
  const first = block[offset] ?? 0;
  if ((first & 0x80) !== 0) {
    const bytes = Buffer.from(block.subarray(offset, offset + length));
    bytes[0] = first & 0x7f;
    const value = BigInt(`0x${bytes.toString("hex")}`);
    // Negative numbers (times before 1970) have all bits set.
    return (first & 0x40) !== 0 ? Number(BigInt.asIntN(length * 8 - 1, value)) : Number(value);
  }
  const digits = textAt(block, offset, length).trim();
  if (digits === "") return 0;
  if (!/^[0-7]+$/.test(digits)) throw broken("a number in a header is malformed");
  return Number.parseInt(digits, 8);
}

function textAt(block: Buffer, offset: number, length: number): string {
  return untilZero(block.subarray(offset, offset + length)).toString("utf8");
}

function untilZero(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

function broken(reason: string): BuildError {
  return new BuildError(`the tar archive cannot be read: ${reason}`, { code: "TPK3107" });
}

/** Cuts the source into blocks and contents, whatever its own chunks are. */
class BlockInput {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);
  /** Bytes of the current content that nobody has taken yet, and the zeros after it. */
  #left = 0;
  #padding = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next 512 bytes; undefined at the end of the source. */
  async block(): Promise<Buffer | undefined> {
    if (!(await this.#fill())) return undefined;
    return this.#exactly(TAR_BLOCK_LENGTH);
  }

  async whole(length: number): Promise<Buffer> {
    const body = await this.#exactly(length);
    await this.#exactly(paddingOf(length));
    return body;
  }

  /** The content that comes next; it counts as taken once the next header is asked for. */
  part(length: number): AsyncIterable<Uint8Array> {
    this.#left = length;
    this.#padding = paddingOf(length);
    const take = () => this.#takeSome();
    return {
      async *[Symbol.asyncIterator]() {
        for (let chunk = await take(); chunk !== undefined; chunk = await take()) yield chunk;
      },
    };
  }

  async skipPart(): Promise<void> {
    while ((await this.#takeSome()) !== undefined) {
      // Dropped.
    }
    await this.#exactly(this.#padding);
    this.#padding = 0;
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #takeSome(): Promise<Buffer | undefined> {
    if (this.#left === 0) return undefined;
    if (!(await this.#fill())) throw broken("it ends in the middle of a file");
    const taken = this.#chunk.subarray(0, this.#left);
    this.#chunk = this.#chunk.subarray(taken.length);
    this.#left -= taken.length;
    return taken;
  }

  async #exactly(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      if (!(await this.#fill())) throw broken("it ends early");
      const part = this.#chunk.subarray(0, missing);
      this.#chunk = this.#chunk.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  }

  /** Makes sure that there are bytes at hand; false at the end. */
  async #fill(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) return false;
      this.#chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    return true;
  }
}

function paddingOf(length: number): number {
  return (TAR_BLOCK_LENGTH - (length % TAR_BLOCK_LENGTH)) % TAR_BLOCK_LENGTH;
}
