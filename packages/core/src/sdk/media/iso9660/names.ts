// Names of files in the two trees of a CD: ECMA-119 §7.5 and §7.6 at interchange level 3, and the Joliet specification §3.

/** How names are written in one of the trees. Names are unique within one folder. */
export interface Naming {
  /** The bytes of a name in the folder, and what it is sorted by. */
  name(original: string, isFolder: boolean): { readonly identifier: Buffer; readonly sortKey: string };
}

/** Name and extension together, without the dot (§7.5.1). */
const FILE_LENGTH = 30;
const EXTENSION_LENGTH = 10;
const FOLDER_LENGTH = 31;
/** Joliet says 64; readers take as many as a record holds, and a cut name is worse than a long one. */
const JOLIET_LENGTH = 103;

/** Names for one folder of the primary tree: capitals, digits and underscores. The real ones stand in its Rock Ridge fields. */
export function isoNaming(): Naming {
  const free = uniqueNames();
  return {
    name(original, isFolder) {
      const dot = isFolder ? -1 : original.lastIndexOf(".");
      const extension = dot > 0 ? capitals(original.slice(dot + 1)).slice(0, EXTENSION_LENGTH) : "";
      const base = capitals(dot > 0 ? original.slice(0, dot) : original) || "_";
      const length = isFolder ? FOLDER_LENGTH : FILE_LENGTH - extension.length;
      const unique = free(base, length, (text) => `${text}.${extension}`);
      // A file has its dot even when nothing follows, and a version number.
      const sortKey = isFolder ? unique : `${unique}.${extension}`;
      return { identifier: Buffer.from(isFolder ? sortKey : `${sortKey};1`, "latin1"), sortKey };
    },
  };
}

/** Names for one folder of the Joliet tree: as they are, but for what the specification forbids. */
export function jolietNaming(): Naming {
  const free = uniqueNames();
  return {
    name(original, isFolder) {
      const allowed = original.replace(/[\u0000-\u001f*/:;?\\]/g, "_");
      const dot = isFolder ? -1 : allowed.lastIndexOf(".");
      // A short ending says what the file is, so a cut is made in front of it.
      const ending = dot > 0 && allowed.length - dot <= 16 ? allowed.slice(dot) : "";
      const base = allowed.slice(0, allowed.length - ending.length);
      const sortKey = `${free(base, JOLIET_LENGTH - ending.length, (text) => text + ending)}${ending}`;
      return { identifier: bigEndian16(isFolder ? sortKey : `${sortKey};1`), sortKey };
    },
  };
}

/** Text as Joliet stores it. */
export function bigEndian16(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}

// --- internal ---

/** Cuts texts to a length, with a number at the end where a text is taken. `key` makes the whole name, which is what must differ. */
function uniqueNames(): (base: string, length: number, key: (text: string) => string) => string {
  const taken = new Set<string>();
  /** Where to go on counting, so that thousands of equal beginnings cost no more than others. */
  const next = new Map<string, number>();
  return (base, length, key) => {
    let text = cut(base, length);
    const first = key(text);
    for (let count = next.get(first) ?? 0; taken.has(key(text)); count++) {
      const digits = String(count);
      text = cut(base, length - digits.length) + digits;
      next.set(first, count + 1);
    }
    taken.add(key(text));
    return text;
  };
}

/** The beginning of a text, without half a character at its end. */
function cut(text: string, length: number): string {
  const short = text.slice(0, length);
  return short.length < text.length ? short.replace(/[\ud800-\udbff]$/, "") : short;
}

function capitals(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9_]/gu, "_");
}
