// Go's quoted text, and the escapes of the html, js and urlquery calls.

const short: { readonly [character: string]: string } = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Text as a Go literal (`%q`). */
export function quoteText(text: string, quote = '"'): string {
  return quote + quoteWith(text, quote, (character) => printable.test(character)) + quote;
}

/** The same in ASCII alone (`%+q`). */
export function quoteAscii(text: string): string {
  return `"${quoteWith(text, '"', (character) => character >= " " && character <= "~")}"`;
}

/** The `html` call. */
export function escapeHtml(text: string): string {
  const replacements: { readonly [character: string]: string } = {
    "\0": "\ufffd",
    '"': "&#34;",
    "'": "&#39;",
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
  };
  return text.replace(/[\0"'&<>]/g, (character) => replacements[character] ?? character);
}

/** The `js` call: text for inside a JavaScript string. */
export function escapeScript(text: string): string {
  const fixed: { readonly [character: string]: string } = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    "<": "\\u003C",
    ">": "\\u003E",
    "&": "\\u0026",
    "=": "\\u003D",
  };
  let escaped = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (fixed[character] !== undefined) escaped += fixed[character];
    else if (code < 0x20 || (code > 0x7e && !printable.test(character)))
      escaped += `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
    else escaped += character;
  }
  return escaped;
}

/** The `urlquery` call: a value for the query part of a URL. */
export function escapeQuery(text: string): string {
  let escaped = "";
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9_.~-]/.test(character)) escaped += character;
    else escaped += character === " " ? "+" : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return escaped;
}

// --- internal ---

function quoteWith(text: string, quote: string, isPlain: (character: string) => boolean): string {
  let quoted = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === quote) quoted += `\\${quote}`;
    else if (short[character] !== undefined) quoted += short[character];
    else if (isPlain(character)) quoted += character;
    else if (code < 0x20 || code === 0x7f) quoted += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (code <= 0xffff) quoted += `\\u${code.toString(16).padStart(4, "0")}`;
    else quoted += `\\U${code.toString(16).padStart(8, "0")}`;
  }
  return quoted;
}
