// Text for a terminal of a known width: colours, lengths, cuts.

/** Paints text, or leaves it alone where colours are off. */
export interface Palette {
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

export function palette(isColored: boolean): Palette {
  const paint = (open: number, close: number) => (text: string) =>
    isColored && text !== "" ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { red: paint(31, 39), green: paint(32, 39), yellow: paint(33, 39), cyan: paint(36, 39), dim: paint(2, 22), bold: paint(1, 22) };
}

// Control Sequence Introducer and Operating System Command sequences (ECMA-48 §5.4, §5.6), then every other control character.
const escapes = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b./g;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text as it would stand on one line: no colours, no cursor movements, tabs as two blanks. */
export function plainText(text: string): string {
  return text.replace(escapes, "").replace(/\t/g, "  ").replace(controls, "");
}

/** Columns a text takes. Colours take none, East Asian wide characters and emoji two, combining marks none. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(escapes, "")) width += characterWidth(character);
  return width;
}

/** Cuts uncoloured text to a width, with an ellipsis in place of what is missing. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = "";
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width - 1) break;
    cut += character;
  }
  return width < 1 ? "" : `${cut}…`;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/\p{Mark}|\u200d|\ufe0f/u.test(character)) return 0;
  const isWide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return isWide ? 2 : 1;
}

/** `850 ms`, `4.2 s`, `1 m 05 s`, `2 h 03 m`. */
export function shortDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const [large, small, units] = seconds < 3600 ? [60, 1, ["m", "s"]] : [3600, 60, ["h", "m"]];
  return `${Math.floor(seconds / large)} ${units[0]} ${String(Math.floor((seconds % large) / small)).padStart(2, "0")} ${units[1]}`;
}
