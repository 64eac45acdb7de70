import type { Diagnostic } from "@tspack/core";

/** What comes behind a hundred errors helps nobody. */
const MOST_SHOWN = 100;

/** The first hundred errors and the first hundred warnings, and word that there are more. */
export function limitDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= MOST_SHOWN) return diagnostics;
  const left = { error: MOST_SHOWN, warning: MOST_SHOWN };
  const shown = diagnostics.filter(({ severity }) => left[severity]-- > 0);
  for (const severity of ["error", "warning"] as const) {
    if (left[severity] >= 0) continue;
    const detail = `There are more ${severity}s than these ${MOST_SHOWN}.`;
    shown.push({ severity, code: "TPK2001", summary: `Too many ${severity}s`, detail, hint: "Mend these first." });
  }
  return shown;
}
