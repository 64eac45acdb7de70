// Character sets by their IANA names. Node decodes the sets of the web but encodes UTF-8, UTF-16LE and Latin-1 only: the tables for the
// other direction are made by decoding every code once.
import { FunctionError } from "./function.ts";

/** The bytes of a text. Throws `FunctionError` for a set that is not known and for characters that the set has not. */
export function encodeText(text: string, encoding: string): Uint8Array {
  const name = findSet(encoding);
  if (name === "utf-8") return Buffer.from(text);
  if (name.startsWith("utf-16")) return encodeUtf16(text, name);
  const table = encodingTable(name);
  const bytes: number[] = [];
  for (const character of text) {
    const code = table.get(character);
    if (code === undefined) throw new FunctionError(`the text contains characters that ${encoding} does not have`, 0);
    bytes.push(...code);
  }
  return Uint8Array.from(bytes);
}

/** The text of bytes. Throws `FunctionError` for a set that is not known; bytes that stand for nothing become U+FFFD. */
export function decodeText(bytes: Uint8Array, encoding: string): string {
  const name = findSet(encoding);
  if (name === "us-ascii") return Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : "\ufffd")).join("");
  const others = nearLatin[name];
  if (others !== undefined) return Array.from(bytes, (byte) => others.get(byte) ?? String.fromCharCode(byte)).join("");
  if (name === "utf-16") {
    const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
    return new TextDecoder(isLittle ? "utf-16le" : "utf-16be").decode(bytes);
  }
  return new TextDecoder(name, { ignoreBOM: true }).decode(bytes);
}

// --- internal ---

/** Sets and their aliases: the IANA registry's names that stand for what Node decodes, with those that differ from the web's. */
const aliases: { readonly [set: string]: readonly string[] } = {
  "utf-8": ["utf8", "csutf8"],
  "utf-16": ["csutf16"],
  "utf-16le": ["csutf16le"],
  "utf-16be": ["csutf16be"],
  "us-ascii": [
    "ascii",
    "ansi_x3.4-1968",
    "ansi_x3.4-1986",
    "iso646-us",
    "iso_646.irv:1991",
    "iso-ir-6",
    "us",
    "ibm367",
    "cp367",
    "csascii",
  ],
  "iso-8859-1": ["iso_8859-1", "iso_8859-1:1987", "iso-ir-100", "latin1", "l1", "ibm819", "cp819", "csisolatin1"],
  "iso-8859-9": ["iso_8859-9", "iso_8859-9:1989", "iso-ir-148", "latin5", "l5", "csisolatin5"],
  "iso-8859-2": ["iso_8859-2", "iso_8859-2:1987", "iso-ir-101", "latin2", "l2", "csisolatin2"],
  "iso-8859-3": ["iso_8859-3", "iso_8859-3:1988", "iso-ir-109", "latin3", "l3", "csisolatin3"],
  "iso-8859-4": ["iso_8859-4", "iso_8859-4:1988", "iso-ir-110", "latin4", "l4", "csisolatin4"],
  "iso-8859-5": ["iso_8859-5", "iso_8859-5:1988", "iso-ir-144", "cyrillic", "csisolatincyrillic"],
  "iso-8859-6": ["iso_8859-6", "iso_8859-6:1987", "iso-ir-127", "ecma-114", "asmo-708", "arabic", "csisolatinarabic"],
  "iso-8859-7": ["iso_8859-7", "iso_8859-7:1987", "iso-ir-126", "elot_928", "ecma-118", "greek", "greek8", "csisolatingreek"],
  "iso-8859-8": ["iso_8859-8", "iso_8859-8:1988", "iso-ir-138", "hebrew", "csisolatinhebrew"],
  "iso-8859-10": ["iso-ir-157", "l6", "iso_8859-10:1992", "latin6", "csisolatin6"],
  "iso-8859-13": ["csiso885913"],
  "iso-8859-14": ["iso-ir-199", "iso_8859-14:1998", "iso_8859-14", "latin8", "iso-celtic", "l8", "csiso885914"],
  "iso-8859-15": ["iso_8859-15", "latin-9", "csiso885915"],
  "iso-8859-16": ["iso-ir-226", "iso_8859-16:2001", "iso_8859-16", "latin10", "l10", "csiso885916"],
  "windows-874": ["cswindows874"],
  "windows-1250": ["cswindows1250"],
  "windows-1251": ["cswindows1251"],
  "windows-1252": ["cswindows1252"],
  "windows-1253": ["cswindows1253"],
  "windows-1254": ["cswindows1254"],
  "windows-1255": ["cswindows1255"],
  "windows-1256": ["cswindows1256"],
  "windows-1257": ["cswindows1257"],
  "windows-1258": ["cswindows1258"],
  ibm866: ["cp866", "866", "csibm866"],
  "koi8-r": ["cskoi8r"],
  "koi8-u": ["cskoi8u"],
  macintosh: ["mac", "csmacintosh"],
  shift_jis: ["ms_kanji", "csshiftjis"],
  "euc-jp": ["extended_unix_code_packed_format_for_japanese", "cseucpkdfmtjapanese"],
  "euc-kr": ["cseuckr"],
  gbk: ["cp936", "ms936", "windows-936", "csgbk"],
  big5: ["csbig5"],
};

/**
 * Sets that are Latin-1 with a few other characters, from a code on. The web takes ISO-8859-9 for windows-1254, and some versions of
 * Node take windows-1252 for Latin-1.
 */
const nearLatin: { readonly [set: string]: ReadonlyMap<number, string> } = {
  "iso-8859-1": new Map(),
  "iso-8859-9": new Map([...[0xd0, 0xdd, 0xde, 0xf0, 0xfd, 0xfe].entries()].map(([index, code]) => [code, "ĞİŞğış".charAt(index)])),
  "windows-1252": new Map(
    [..."€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"].map((character, index) => [0x80 + index, character]),
  ),
};

const tables = new Map<string, ReadonlyMap<string, readonly number[]>>();

function findSet(encoding: string): string {
  const wanted = encoding.toLowerCase();
  const found = Object.entries(aliases).find(([name, others]) => name === wanted || others.includes(wanted));
  if (found !== undefined) return found[0];
  throw new FunctionError(
    `there is no character set "${encoding}" here; known are UTF-8, UTF-16, UTF-16LE, UTF-16BE, US-ASCII, ISO-8859-1 to -16, windows-1250 to -1258, KOI8-R, Shift_JIS, EUC-JP, EUC-KR, GBK and Big5`,
    1,
  );
}

/** `UTF-16` has big ends and a byte order mark, as Go writes it. */
function encodeUtf16(text: string, name: string): Uint8Array {
  if (name === "utf-16le") return Buffer.from(text, "utf16le");
  return Buffer.from(name === "utf-16" ? `\ufeff${text}` : text, "utf16le").swap16();
}

/** The bytes of every character of a set. The first code wins where two decode to the same character. */
function encodingTable(name: string): ReadonlyMap<string, readonly number[]> {
  const known = tables.get(name);
  if (known !== undefined) return known;
  const table = new Map<string, readonly number[]>();
  const add = (code: readonly number[]): boolean => {
    const text = decodeText(Uint8Array.from(code), name);
    const isOne = [...text].length === 1 && text !== "\ufffd";
    if (isOne && !table.has(text)) table.set(text, code);
    return isOne;
  };
  const hasPairs = ["shift_jis", "euc-jp", "euc-kr", "gbk", "big5"].includes(name);
  for (let first = 0; first < 0x100; first += 1) {
    if (add([first]) || !hasPairs) continue;
    for (let second = 0x30; second < 0x100; second += 1) add([first, second]);
  }
  tables.set(name, table);
  return table;
}
