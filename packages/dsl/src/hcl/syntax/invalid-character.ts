import type { Problem } from "./problem.ts";

/** What to say about a character that begins no token, and how much of the text to skip with it. */
export function complainAbout(text: string, at: number): { readonly length: number; readonly problem: Problem } {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const known = complaints[character];
  const problem: Problem = {
    summary: known?.summary ?? "Invalid character",
    detail: known?.detail ?? `The character ${describe(character)} has no meaning here.`,
    hint: known?.hint,
    start: at,
    end: at + character.length,
  };
  return { length: known?.length?.(text, at) ?? character.length, problem };
}

// --- internal ---

interface Complaint {
  readonly summary?: string;
  readonly detail: string;
  readonly hint?: string;
  /** How much to skip, when it is more than the character. */
  readonly length?: (text: string, at: number) => number;
}

const operator = "Unsupported operator";
const curly: Complaint = {
  detail: "Curly quotation marks do not begin or end a string.",
  hint: 'Write the straight mark: ". Text that came through a word processor often has the others.',
};

const complaints: { readonly [character: string]: Complaint } = {
  "'": {
    detail: "Single quotes do not make a string.",
    hint: 'Write it in double quotes: "…".',
    length: upToSameQuote,
  },
  "`": {
    detail: "Backquotes do not make a string.",
    hint: 'Write it in double quotes ("…"), or as a heredoc when it has several lines.',
    length: upToSameQuote,
  },
  ";": { detail: "Semicolons do not separate arguments.", hint: "Begin a new line instead." },
  "&": { summary: operator, detail: "There are no operators on bits.", hint: 'For the logical "and" write &&.' },
  "|": { summary: operator, detail: "There are no operators on bits, and no pipes.", hint: 'For the logical "or" write ||.' },
  "^": { summary: operator, detail: "There are no operators on bits.", hint: "To raise to a power, call pow(base, exponent)." },
  "~": { summary: operator, detail: "There are no operators on bits.", hint: 'For the logical "not" write !.' },
  $: {
    detail: "A dollar sign begins an interpolation only inside a string.",
    hint: "Write the name alone, without the dollar sign and its braces.",
  },
  "@": { detail: "An at sign has no meaning outside of strings." },
  "\\": {
    detail: "A backslash has no meaning here.",
    hint: "Escapes are written inside strings; a line is not continued by one.",
  },
  "\r": { detail: "A carriage return stands here without a line feed.", hint: "Save the file with the line ends of Unix or Windows." },
  "\0": { detail: "The file holds a NUL character.", hint: "It is no text, or of another encoding than UTF-8." },
  "\ufeff": { detail: "A byte order mark stands in the middle of the file.", hint: "Delete it; only the very beginning may have one." },
  "\u00a0": { detail: "A no-break space stands here.", hint: "Replace it by a plain space." },
  "\u201c": curly,
  "\u201d": curly,
  "\u2018": curly,
  "\u2019": curly,
};

function upToSameQuote(text: string, at: number): number {
  const quote = text.charCodeAt(at);
  for (let end = at + 1; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === quote) return end + 1 - at;
    if (code === 0x0a) break;
  }
  return 1;
}

function describe(character: string): string {
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  return /[\p{C}\p{Z}]/u.test(character) ? code : `"${character}" (${code})`;
}
