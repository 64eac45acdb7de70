import type { Diagnostic } from "../diagnostics/diagnostic.ts";

/** Diagnostics in the order found, each problem of the user's text once however many builds share it. */
export interface DiagnosticSet {
  /** Returns those that were new. */
  add(diagnostics: readonly Diagnostic[]): readonly Diagnostic[];
  all(): Diagnostic[];
}

/** An empty set. */
export function collectDiagnostics(): DiagnosticSet {
  const found = new Map<string, Diagnostic>();
  return {
    add: (diagnostics) =>
      diagnostics.filter((diagnostic) => {
        const key = identity(diagnostic);
        if (found.has(key)) return false;
        found.set(key, diagnostic);
        return true;
      }),
    all: () => [...found.values()],
  };
}

/** The same words about the same place are the same problem; without a place, what it is said about tells them apart. */
function identity({ severity, code, summary, detail, subject, where, path }: Diagnostic): string {
  // About a plugin's file, whoever uses it.
  if (code === "TPK4006") return JSON.stringify([code, detail]);
  const place = subject === undefined ? [where, path] : [subject.file, subject.start.line, subject.start.column];
  return JSON.stringify([severity, code, summary, detail, place]);
}
