import type { Diagnostic, ErrorCode } from "@tspack/core";
import type { SourceText } from "./source-text.ts";

/** Something wrong in the text, by offsets. Becomes a diagnostic when all are known. */
export interface Problem {
  readonly code?: ErrorCode | undefined;
  readonly summary: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly start: number;
  readonly end: number;
  /** The wider stretch to show. */
  readonly context?: { readonly start: number; readonly end: number } | undefined;
  readonly related?: { readonly start: number; readonly end: number; readonly message: string } | undefined;
}

/** Most problems that are reported of one file: what comes behind a hundred errors helps nobody. */
export const MAX_PROBLEMS = 100;

/** Problems as diagnostics, in the order of the text. */
export function toDiagnostics(source: SourceText, problems: readonly Problem[]): Diagnostic[] {
  const sorted = [...problems].sort((a, b) => a.start - b.start);
  const diagnostics = sorted.slice(0, MAX_PROBLEMS).map((problem) => toDiagnostic(source, problem));
  const first = sorted[MAX_PROBLEMS];
  if (first !== undefined) {
    diagnostics.push({
      severity: "error",
      code: "TPK2001",
      summary: "Too many errors",
      detail: "The file has more errors from here on, which are not shown.",
      subject: source.range(first.start, first.end),
    });
  }
  return diagnostics;
}

// --- internal ---

function toDiagnostic(source: SourceText, problem: Problem): Diagnostic {
  const { context, related } = problem;
  return {
    severity: "error",
    code: problem.code ?? "TPK2001",
    summary: problem.summary,
    detail: problem.detail,
    hint: problem.hint,
    subject: source.range(problem.start, problem.end),
    context: context === undefined ? undefined : source.range(context.start, context.end),
    related: related === undefined ? undefined : [{ at: source.range(related.start, related.end), message: related.message }],
  };
}
