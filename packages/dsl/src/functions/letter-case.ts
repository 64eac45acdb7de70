// Letter case as Go's packages `unicode` and `strings` see it: one code point becomes one code point, whatever the language.

/** Every code point in upper case, where it has one that is a single code point: `ß` stays. */
export function toUpperText(text: string): string {
  return /^[\x00-\x7f]*$/.test(text) ? text.toUpperCase() : mapCodePoints(text, upperOf);
}

/** Every code point in lower case; no final sigma, no dots over the i's of some languages. */
export function toLowerText(text: string): string {
  return /^[\x00-\x7f]*$/.test(text) ? text.toLowerCase() : mapCodePoints(text, lowerOf);
}

/** The first letter of each word in title case. Words end at white space and at ASCII's punctuation but for the underscore. */
export function toTitleText(text: string): string {
  let previous = " ";
  return mapCodePoints(text, (character) => {
    const isFirst = isSeparator(previous);
    previous = character;
    return isFirst ? titleOf(character) : character;
  });
}

// --- internal ---

function mapCodePoints(text: string, change: (character: string) => string): string {
  let result = "";
  for (const character of text) result += change(character);
  return result;
}

/** Greek letters with an iota below: alone they have a capital of one code point, which JavaScript spells out with two. */
function greekCapital(code: number): number | undefined {
  if (code >= 0x1f80 && code <= 0x1faf) return code | 8;
  return code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3 ? code + 9 : undefined;
}

function upperOf(character: string): string {
  const upper = character.toUpperCase();
  const code = character.codePointAt(0) ?? 0;
  if (upper.length === character.length) return upper;
  const capital = greekCapital(code);
  if (capital !== undefined) return String.fromCodePoint(capital);
  return [...upper].length === 1 ? upper : character;
}

function lowerOf(character: string): string {
  if (character === "İ") return "i";
  const lower = character.toLowerCase();
  return [...lower].length === 1 ? lower : character;
}

/** Title case differs from upper case for the letters that are two in one, and for Georgian, which has no titles. */
function titleOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x1c4 && code <= 0x1cc) return String.fromCodePoint(code <= 0x1c6 ? 0x1c5 : code <= 0x1c9 ? 0x1c8 : 0x1cb);
  if (code >= 0x1f1 && code <= 0x1f3) return "\u01f2";
  if (code >= 0x10d0 && code <= 0x10ff) return character;
  return upperOf(character);
}

function isSeparator(character: string): boolean {
  if (/[0-9A-Za-z_]/.test(character)) return false;
  if ((character.codePointAt(0) ?? 0) < 0x80) return true;
  return !/[\p{L}\p{Nd}]/u.test(character) && /[\u0085\p{White_Space}]/u.test(character);
}
