// What several texts have in common: `debian11` in `builds/debian11.box` and `me/debian11`.

/** Texts that differ in one place alone. */
export interface CommonText {
  readonly before: string;
  readonly middles: readonly string[];
  readonly behind: string;
}

/**
 * The one place in which texts differ, cut at the ends of words. undefined where nothing is left around it, or a text has nothing there
 * that would make a good value.
 */
export function commonText(texts: readonly string[]): CommonText | undefined {
  const [first, ...rest] = texts;
  if (first === undefined || rest.length === 0) return undefined;
  let start = Math.min(...rest.map((text) => sharedStart(first, text)));
  const room = Math.min(...texts.map(({ length }) => length)) - start;
  let end = Math.min(room, ...rest.map((text) => sharedEnd(first, text)));
  // Words stay whole: 11 and 10 differ, not 1 and 0.
  while (start > 0 && isWord(first[start - 1])) start--;
  while (end > 0 && isWord(first[first.length - end])) end--;
  if (start + end === 0) return undefined;
  const middles = texts.map((text) => text.slice(start, text.length - end));
  if (middles.some((middle) => middle.length < 2) || !middles.some((middle) => middle.length > 2)) return undefined;
  return { before: first.slice(0, start), middles, behind: first.slice(first.length - end) };
}

// --- internal ---

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}

function sharedStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

function sharedEnd(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[a.length - 1 - length] === b[b.length - 1 - length]) length++;
  return length;
}
