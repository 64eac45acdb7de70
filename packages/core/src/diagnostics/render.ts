// The printed form of diagnostics: HCL's, which Packer's users know, with a code and a marked frame.
import { displayLine, displayWidth } from "./columns.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { type ReadSource, withExcerpt } from "./excerpt.ts";
import { visitGraphemes } from "./graphemes.ts";
import { formatPath, type SourcePosition, type SourceRange } from "./range.ts";

/** How diagnostics are printed. */
export interface RenderOptions {
  readonly color?: boolean | undefined;
  /** Columns to wrap at; 80 unless given (row OUT-12). */
  readonly width?: number | undefined;
  /** Source text of a file, or undefined when there is none; reads the file unless given. */
  readonly readSource?: ReadSource | undefined;
}

const DEFAULT_WIDTH = 80;
const RED = "31";
const YELLOW = "33";
const BOLD = "1";
const DIM = "2";

/** The printed form of diagnostics, one after another, ending with a line end; the empty text for none. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
  return diagnostics.map((diagnostic) => `${renderOne(withExcerpt(diagnostic, options.readSource), options)}\n`).join("\n");
}

// --- internal ---

type Paint = (text: string, ...codes: readonly string[]) => string;

function renderOne(diagnostic: Diagnostic, options: RenderOptions): string {
  const paint: Paint = (text, ...codes) => (options.color === true ? `\u001b[${codes.join(";")}m${text}\u001b[0m` : text);
  const width = options.width ?? DEFAULT_WIDTH;
  const { severity, summary, code, detail, hint, related = [] } = diagnostic;
  const title = severity === "error" ? paint("Error:", BOLD, RED) : paint("Warning:", BOLD, YELLOW);
  const lines = [`${title} ${paint(summary, BOLD)} (${code})`, ""];
  const place = placeLine(diagnostic);
  if (place !== undefined) lines.push(`  ${place}`, ...frame(diagnostic, width, paint));
  const parts = [detail, hint].filter((part) => part !== undefined && part !== "");
  // Behind several lines, the last of which may be somebody else's, the hint has one of its own.
  const text = parts.join(detail?.includes("\n") === true ? "\n" : " ");
  if (text !== "") {
    if (place !== undefined && diagnostic.excerpt === undefined) lines.push("");
    lines.push(...wrap(text, width));
  }
  for (const { at, message } of related) lines.push("", ...wrap(`${message} (${at.file} line ${at.start.line})`, width));
  return lines.join("\n");
}

/** `on image.ts line 14, in source("qemu", "debian"):`, as much of it as is known. */
function placeLine({ subject, where, path, excerpt }: Diagnostic): string | undefined {
  const end = excerpt === undefined ? "" : ":";
  if (subject !== undefined) return `on ${subject.file} line ${subject.start.line}${where === undefined ? "" : `, ${where}`}${end}`;
  const option = path === undefined || path.length === 0 ? undefined : `at ${formatPath(path)}`;
  const known = [option, where].filter((part) => part !== undefined);
  return known.length === 0 ? undefined : known.join(" ");
}

function frame({ subject, excerpt, severity }: Diagnostic, width: number, paint: Paint): string[] {
  if (subject === undefined || excerpt === undefined) return [];
  const lastNumber = excerpt.firstLine + excerpt.lines.length - 1;
  const gutter = String(lastNumber).length;
  const bar = (number: string): string => paint(`  ${number.padStart(gutter)} │ `, DIM);
  const room = Math.max(20, width - gutter - 5);
  const color = severity === "error" ? RED : YELLOW;
  return excerpt.lines.flatMap((text, index) => {
    const number = excerpt.firstLine + index;
    const marked = markedUnits(text, number, subject);
    const line = displayLine(text, room, marked?.start ?? 0);
    const rows = [`${bar(String(number))}${line.text}`.trimEnd()];
    if (marked !== undefined) {
      const from = line.columnOf(marked.start);
      const carets = "^".repeat(Math.max(1, line.columnOf(marked.end) - from));
      rows.push(`${bar("")}${" ".repeat(from)}${paint(carets, BOLD, color)}`);
    }
    return rows;
  });
}

/** Which UTF-16 units of a line the subject covers; undefined for none. Leading blanks of continued lines are not marked. */
function markedUnits(text: string, line: number, subject: SourceRange): { start: number; end: number } | undefined {
  if (line < subject.start.line || line > subject.end.line) return undefined;
  const start = line === subject.start.line ? unitOf(text, subject.start) : text.length - text.trimStart().length;
  const end = line === subject.end.line ? unitOf(text, subject.end) : text.trimEnd().length;
  if (line > subject.start.line && end <= start) return undefined;
  return { start: Math.max(0, start), end: Math.max(start + 1, end) };
}

/** The UTF-16 unit at which a position stands in its line. A position that knows its byte counts its column in grapheme clusters. */
function unitOf(text: string, { column, byte }: SourcePosition): number {
  if (byte === undefined || isAscii(text)) return column - 1;
  let units = 0;
  let left = column - 1;
  visitGraphemes(text, (cluster) => {
    if (left-- <= 0) return false;
    units += cluster.length;
    return true;
  });
  return units;
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

/** Breaks text into lines of at most `width` columns at blanks; line ends of its own stay, and so do indented lines. */
function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    if (/^\s+\S/.test(paragraph)) return [paragraph];
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && displayWidth(line) + 1 + displayWidth(word) > width) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });
}
