import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { withExcerpt } from "../diagnostics/excerpt.ts";
import { Redactor } from "./redact.ts";

/**
 * Diagnostics as they may be shown: without the secrets, in whatever form, also in the source lines around their places. Secrets
 * come from the program, which may have texts of them in its messages (exceptions) and in its lines (defaults of variables).
 */
export function redactDiagnostics(diagnostics: readonly Diagnostic[], secrets: Iterable<string>): readonly Diagnostic[] {
  if (diagnostics.length === 0) return diagnostics;
  const redactor = new Redactor(secrets);
  return diagnostics.map((diagnostic) => redactor.data(withExcerpt(diagnostic)));
}
