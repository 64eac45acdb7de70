// Reads what the script that lists a folder prints.
import { CommunicatorError } from "../../diagnostics/error.ts";

/** One file, folder or other thing of a listing. Numbers as stat(1) has them. */
export interface ListedEntry {
  readonly kind: "entry";
  /** Relative to the listed folder, without a leading `./`. */
  readonly path: string;
  /** Type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  readonly inode: string;
  readonly links: number;
  readonly device: { readonly major: number; readonly minor: number };
  /** Target of a symbolic link. */
  readonly target: string | undefined;
  /** The bytes of a plain file, when they were asked for; to be read before the next record. */
  readonly content: AsyncIterable<Uint8Array> | undefined;
}

/** A name that the base has and the merged tree has not. */
export interface HiddenPath {
  readonly kind: "hidden";
  readonly path: string;
}

export const S_IFMT = 0o170000;
export const S_IFREG = 0o100000;
export const S_IFDIR = 0o040000;
export const S_IFLNK = 0o120000;
export const S_IFCHR = 0o020000;
export const S_IFBLK = 0o060000;
export const S_IFIFO = 0o010000;

/** Yields the records in order, with memory bounded by one folder's entries. Throws when the listing ends early or is malformed. */
export async function* readListing(
  source: AsyncIterable<Uint8Array>,
  { withContents }: { readonly withContents: boolean },
): AsyncGenerator<ListedEntry | HiddenPath, void, undefined> {
  const input = new RecordInput(source);
  for (;;) {
    const record = await input.record();
    if (record === "E") return;
    if (record.startsWith("X ")) {
      yield { kind: "hidden", path: relative(record.slice(2)) };
      continue;
    }
    const count = /^S (\d+)$/.exec(record)?.[1];
    if (count === undefined) throw malformed();
    const entries: ListedEntry[] = [];
    for (let index = 0; index < Number(count); index++) entries.push(parseEntry(await input.record()));
    for (const entry of entries) {
      const isFile = (entry.mode & S_IFMT) === S_IFREG;
      yield withContents && isFile ? { ...entry, content: input.part(entry.sizeBytes) } : entry;
      if (withContents && isFile) await input.skipPart();
    }
  }
}

function parseEntry(record: string): ListedEntry {
  const match = /^([0-9a-f]+) (\d+) (\d+) (\d+) (-?\d+) (\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) /.exec(record);
  if (match === null) throw malformed();
  const [head, mode = "", uid, gid, size, mtime, inode = "", links, major = "", minor = ""] = match;
  const rest = record.slice(head.length);
  // The name, a line end, and the name again with ` -> TARGET` behind it for a link. A name may hold line ends itself.
  const isLink = (Number.parseInt(mode, 16) & S_IFMT) === S_IFLNK;
  const arrow = isLink ? rest.lastIndexOf(" -> ") : rest.length;
  const nameLength = isLink ? splitLink(rest) : (rest.length - 1) / 2;
  const name = rest.slice(0, nameLength);
  if (arrow === -1 || !Number.isInteger(nameLength)) throw malformed();
  return {
    kind: "entry",
    path: relative(name),
    mode: Number.parseInt(mode, 16),
    uid: Number(uid),
    gid: Number(gid),
    sizeBytes: Number(size),
    mtimeSeconds: Number(mtime),
    inode,
    links: Number(links),
    device: { major: Number.parseInt(major, 16), minor: Number.parseInt(minor, 16) },
    target: isLink ? rest.slice(2 * nameLength + 5) : undefined,
    content: undefined,
  };
}

/** Length of NAME in `NAME\nNAME -> TARGET`. */
function splitLink(rest: string): number {
  for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n", end + 1)) {
    if (rest.startsWith(`${rest.slice(0, end)} -> `, end + 1)) return end;
  }
  throw malformed();
}

function relative(path: string): string {
  return path.replace(/^\.\//, "");
}

function malformed(): CommunicatorError {
  return new CommunicatorError("the listing of a folder in the root file system cannot be understood", { code: "TPK5005" });
}

/** Cuts a stream into records that end in NUL, and contents between them. */
class RecordInput {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);
  #left = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async record(): Promise<string> {
    const parts: Buffer[] = [];
    for (;;) {
      const end = this.#chunk.indexOf(0);
      if (end !== -1) {
        parts.push(this.#chunk.subarray(0, end));
        this.#chunk = this.#chunk.subarray(end + 1);
        return Buffer.concat(parts).toString("utf8");
      }
      parts.push(this.#chunk);
      await this.#fill();
    }
  }

  part(length: number): AsyncIterable<Uint8Array> {
    this.#left = length;
    const take = () => this.#take();
    return {
      async *[Symbol.asyncIterator]() {
        for (let chunk = await take(); chunk !== undefined; chunk = await take()) yield chunk;
      },
    };
  }

  async skipPart(): Promise<void> {
    while ((await this.#take()) !== undefined) {
      // Dropped.
    }
  }

  async #take(): Promise<Buffer | undefined> {
    if (this.#left === 0) return undefined;
    if (this.#chunk.length === 0) await this.#fill();
    const taken = this.#chunk.subarray(0, this.#left);
    this.#chunk = this.#chunk.subarray(taken.length);
    this.#left -= taken.length;
    return taken;
  }

  async #fill(): Promise<void> {
    do {
      const next = await this.#source.next();
      if (next.done === true) throw malformed();
      this.#chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    } while (this.#chunk.length === 0);
  }
}
