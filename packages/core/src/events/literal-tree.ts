/** Characters whose hash decides whether a text may begin at a place. */
const GRAM_LENGTH = 4;
/** After four shifts by this many bits nothing of a character is left. */
const HASH_SHIFT = 5;
const HASH_MASK = (1 << (GRAM_LENGTH * HASH_SHIFT)) - 1;

/** Where one of the texts stands. */
export interface LiteralMatch {
  readonly start: number;
  readonly end: number;
}

/** A part that texts have in common, and how they go on; a text may end after it. */
interface Branch {
  label: string;
  isEnd: boolean;
  /** By the first character of their labels. */
  next: Map<number, Branch>;
}

/**
 * A set of texts to look for, any number of any length. The time of a search depends on the length of the searched text, hardly on
 * the number of texts: a rolling hash of four characters finds the places where one may begin, a tree of common beginnings decides.
 * A regular expression will not do: the engine refuses long ones, and quotes them in its error.
 */
export class LiteralTree {
  readonly #root: Branch = { label: "", isEnd: false, next: new Map() };
  /** Made with the first text: most runs have no secrets. */
  #grams = new Uint8Array(0);
  /** First characters of texts that are too short for a hash. */
  readonly #firstOfShort = new Set<number>();
  #longest = 0;

  /** Length of the longest text. */
  get longest(): number {
    return this.#longest;
  }

  add(text: string): void {
    if (text === "") return;
    this.#longest = Math.max(this.#longest, text.length);
    if (this.#grams.length === 0) this.#grams = new Uint8Array(HASH_MASK + 1);
    if (text.length < GRAM_LENGTH) this.#firstOfShort.add(text.charCodeAt(0));
    else this.#grams[hashBefore(text, GRAM_LENGTH)] = 1;
    insert(this.#root, text);
  }

  /** The first place at or after `from` where a text begins; the longest text there. */
  find(text: string, from = 0): LiteralMatch | undefined {
    if (this.#longest === 0) return undefined;
    const { length } = text;
    let hash = hashBefore(text, Math.min(from + GRAM_LENGTH - 1, length), from);
    for (let start = from; start < length; start++) {
      const last = start + GRAM_LENGTH - 1;
      if (last < length) hash = roll(hash, text.charCodeAt(last));
      const mayBegin = last < length && this.#grams[hash] === 1;
      if (!mayBegin && (this.#firstOfShort.size === 0 || !this.#firstOfShort.has(text.charCodeAt(start)))) continue;
      const end = this.#endOfLongest(text, start);
      if (end !== undefined) return { start, end };
    }
    return undefined;
  }

  /** The first place from which all the rest is the beginning of a longer text; the length of the searched text if there is none. */
  findOpen(text: string): number {
    for (let start = Math.max(0, text.length - this.#longest + 1); start < text.length; start++) {
      if (this.#isOpen(text, start)) return start;
    }
    return text.length;
  }

  // --- internal ---

  #endOfLongest(text: string, start: number): number | undefined {
    let end: number | undefined;
    let at = start;
    let branch = this.#root.next.get(text.charCodeAt(at));
    while (branch !== undefined && text.startsWith(branch.label, at)) {
      at += branch.label.length;
      if (branch.isEnd) end = at;
      branch = branch.next.get(text.charCodeAt(at));
    }
    return end;
  }

  #isOpen(text: string, start: number): boolean {
    let at = start;
    let branch = this.#root.next.get(text.charCodeAt(at));
    while (branch !== undefined) {
      const left = text.length - at;
      if (left < branch.label.length) return branch.label.startsWith(text.slice(at));
      if (!text.startsWith(branch.label, at)) return false;
      at += branch.label.length;
      if (at === text.length) return branch.next.size > 0;
      branch = branch.next.get(text.charCodeAt(at));
    }
    return false;
  }
}

/** Hash of the characters before a place: of the last four, whatever stands before them. */
function hashBefore(text: string, end: number, from = 0): number {
  let hash = 0;
  for (let index = Math.max(from, end - GRAM_LENGTH); index < end; index++) hash = roll(hash, text.charCodeAt(index));
  return hash;
}

function roll(hash: number, character: number): number {
  return ((hash << HASH_SHIFT) ^ character) & HASH_MASK;
}

function insert(root: Branch, text: string): void {
  let parent = root;
  let rest = text;
  for (;;) {
    const first = rest.charCodeAt(0);
    const branch = parent.next.get(first);
    if (branch === undefined) {
      parent.next.set(first, { label: rest, isEnd: true, next: new Map() });
      return;
    }
    const shared = sharedLength(branch.label, rest);
    if (shared < branch.label.length) {
      const tail: Branch = { label: branch.label.slice(shared), isEnd: branch.isEnd, next: branch.next };
      branch.label = branch.label.slice(0, shared);
      branch.isEnd = false;
      branch.next = new Map([[tail.label.charCodeAt(0), tail]]);
    }
    rest = rest.slice(shared);
    if (rest === "") {
      branch.isEnd = true;
      return;
    }
    parent = branch;
  }
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
