import { readFileSync } from "node:fs";
import type { Diagnostic } from "./diagnostic.ts";

/** Gives the text of a source file, or undefined when it cannot be had. */
export type ReadSource = (file: string) => string | undefined;

/** Most lines an excerpt has: what is longer is not read anyway. */
const LONGEST_EXCERPT = 8;

/** The diagnostic with the source lines of its subject: the line before, the subject, or the wider context where there is one. */
export function withExcerpt(diagnostic: Diagnostic, readSource: ReadSource = readFile): Diagnostic {
  const { subject, context, excerpt } = diagnostic;
  if (subject === undefined || excerpt !== undefined) return diagnostic;
  const text = readSource(subject.file);
  if (text === undefined) return diagnostic;
  const starts = lineStarts(text);
  const wide = context !== undefined && context.end.line - context.start.line < LONGEST_EXCERPT ? context : undefined;
  const first = Math.max(1, wide?.start.line ?? subject.start.line - 1);
  const last = Math.min(starts.length, wide?.end.line ?? subject.end.line, first + LONGEST_EXCERPT - 1);
  if (subject.start.line > starts.length) return diagnostic;
  const lines = starts.slice(first - 1, last).map((start, index) => {
    const next = starts[first + index];
    return next === undefined ? text.slice(start) : text.slice(start, next - 1).replace(/\r$/, "");
  });
  return { ...diagnostic, excerpt: { firstLine: first, lines } };
}

// --- internal ---

/** The lines of the text that was asked for last: a big file with many errors is split once, not once per error. */
let known: { readonly text: string; readonly starts: readonly number[] } | undefined;

/** Where the lines of a text begin, as offsets. */
function lineStarts(text: string): readonly number[] {
  if (known?.text === text) return known.starts;
  const starts = [0];
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  known = { text, starts };
  return starts;
}

function readFile(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Gone, or a name that is no file (`-var`): the diagnostic is printed without its frame.
    return undefined;
  }
}
