// How wide text is on a terminal, so that marks stand under what they mark.

const TAB_WIDTH = 4;
/** Shown in place of what was cut off a long line. */
const ELLIPSIS = "…";

/** A source line as it is shown: tabs expanded, control characters made visible, cut to the room there is. */
export interface DisplayedLine {
  readonly text: string;
  /** The column (from 0) at which a UTF-16 unit of the source line is shown. */
  columnOf(unit: number): number;
}

/** Lays out a line in at most `room` columns; of a longer one the part around `focus` (a UTF-16 unit) is shown. */
export function displayLine(line: string, room: number, focus: number): DisplayedLine {
  // A line may have megabytes. What is far from the focus is not laid out.
  const from = wholeCharacter(line, Math.max(0, focus - FAR_UNITS));
  const to = wholeCharacter(line, Math.min(line.length, focus + FAR_UNITS));
  const near = layOut(line.slice(from, to), { room, focus: focus - from, isCutBefore: from > 0, isCutBehind: to < line.length });
  return { text: near.text, columnOf: (unit) => near.columnOf(Math.max(0, unit - from)) };
}

/** The columns a text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

// --- internal ---

/** No terminal shows so many characters on a line. */
const FAR_UNITS = 4000;

interface Layout {
  readonly room: number;
  readonly focus: number;
  readonly isCutBefore: boolean;
  readonly isCutBehind: boolean;
}

/** Not between the halves of a surrogate pair. */
function wholeCharacter(text: string, unit: number): number {
  return /[\udc00-\udfff]/.test(text.charAt(unit)) ? unit - 1 : unit;
}

function layOut(source: string, { room, focus, isCutBefore, isCutBehind }: Layout): DisplayedLine {
  const columns: number[] = [];
  const cells: { readonly text: string; readonly column: number }[] = [];
  let column = 0;
  for (const character of source) {
    for (let unit = 0; unit < character.length; unit++) columns.push(column);
    const text = character === "\t" ? " ".repeat(TAB_WIDTH - (column % TAB_WIDTH)) : visible(character);
    cells.push({ text, column });
    column += character === "\t" ? text.length : characterWidth(character);
  }
  columns.push(column);
  const at = (unit: number): number => columns[Math.min(unit, columns.length - 1)] ?? 0;
  if (column <= room && !isCutBefore && !isCutBehind) return { text: cells.map((cell) => cell.text).join(""), columnOf: at };
  // Some of what stands in front stays in sight.
  const first = Math.max(0, Math.min(at(focus) - Math.floor(room / 3), column - room));
  const shown = cells.filter((cell) => cell.column >= first && cell.column < first + room - 2);
  const start = shown[0]?.column ?? 0;
  const lead = start > 0 || isCutBefore ? ELLIPSIS : "";
  const tail = isCutBehind || (shown.length > 0 && shown.at(-1) !== cells.at(-1)) ? ELLIPSIS : "";
  const limit = room;
  return {
    text: lead + shown.map((cell) => cell.text).join("") + tail,
    columnOf: (unit) => Math.max(0, Math.min(at(unit) - start + lead.length, limit)),
  };
}

/** Two columns for East Asian wide characters and emoji (Unicode TR 11, wide and full-width), none for what joins the one before. */
function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) return 0;
  return wideRanges.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];

/** A control character could move the cursor or change colours. */
function visible(character: string): string {
  return /^\p{Cc}$/u.test(character) ? "\ufffd" : character;
}
