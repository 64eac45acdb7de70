// Go's string and character literals (the Go specification, "Rune literals" and "String literals").

const simple: { readonly [letter: string]: number } = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, "\\": 92 };
const escapeSequence = /\\(?:([abfnrtv\\"'])|x([\da-fA-F]{2})|([0-7]{3})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/y;

/** The text of a double-quoted literal, or undefined when an escape is wrong. Bytes that are no UTF-8 become U+FFFD. */
export function unquoteString(literal: string): string | undefined {
  const inside = literal.slice(1, -1);
  if (!inside.includes("\\")) return inside;
  const pieces: Buffer[] = [];
  let position = 0;
  while (position < inside.length) {
    const backslash = inside.indexOf("\\", position);
    const end = backslash === -1 ? inside.length : backslash;
    if (end > position) pieces.push(Buffer.from(inside.slice(position, end)));
    if (backslash === -1) break;
    const read = readEscape(inside, backslash, '"');
    if (read === undefined) return undefined;
    pieces.push(read.isByte ? Buffer.from([read.value]) : Buffer.from(String.fromCodePoint(read.value)));
    position = backslash + read.length;
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** The code point of a character constant, or undefined when it is not exactly one character. */
export function unquoteCharacter(literal: string): bigint | undefined {
  const inside = literal.slice(1, -1);
  if (inside.startsWith("\\")) {
    const read = readEscape(inside, 0, "'");
    return read === undefined || read.length !== inside.length ? undefined : BigInt(read.value);
  }
  const characters = [...inside];
  return characters.length === 1 ? BigInt(inside.codePointAt(0) ?? 0) : undefined;
}

interface Escape {
  readonly value: number;
  readonly length: number;
  /** `\x` and octal escapes stand for one byte, the others for a code point. */
  readonly isByte: boolean;
}

function readEscape(text: string, at: number, quote: string): Escape | undefined {
  escapeSequence.lastIndex = at;
  const found = escapeSequence.exec(text);
  if (found === null) return undefined;
  const [whole, letter, hex, octal, short, long] = found;
  const length = whole.length;
  if (letter === '"' || letter === "'") return letter === quote ? { value: letter.charCodeAt(0), length, isByte: false } : undefined;
  if (letter !== undefined) return { value: simple[letter] ?? 0, length, isByte: false };
  if (hex !== undefined) return { value: Number.parseInt(hex, 16), length, isByte: true };
  if (octal !== undefined) {
    const value = Number.parseInt(octal, 8);
    return value > 255 ? undefined : { value, length, isByte: true };
  }
  const value = Number.parseInt(short ?? long ?? "", 16);
  const isScalar = value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
  return isScalar ? { value, length, isByte: false } : undefined;
}
