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
  const all = text.split(/\r?\n/);
  const wide = context !== undefined && context.end.line - context.start.line < LONGEST_EXCERPT ? context : undefined;
  const first = Math.max(1, wide?.start.line ?? subject.start.line - 1);
  const last = Math.min(all.length, wide?.end.line ?? subject.end.line, first + LONGEST_EXCERPT - 1);
  if (subject.start.line > all.length) return diagnostic;
  return { ...diagnostic, excerpt: { firstLine: first, lines: all.slice(first - 1, last) } };
}

function readFile(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Gone, or a name that is no file (`-var`): the diagnostic is printed without its frame.
    return undefined;
  }
}
