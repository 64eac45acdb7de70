import type { Diagnostic } from "@tspack/core";

/** What comes behind a hundred errors helps nobody. */
const MOST_SHOWN = 100;

/** The first hundred errors and the first hundred warnings, and how many more there are. */
export function limitDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= MOST_SHOWN) return diagnostics;
  const left = { error: MOST_SHOWN, warning: MOST_SHOWN };
  const shown = diagnostics.filter(({ severity }) => left[severity]-- > 0);
  if (left.error < 0) shown.push({ severity: "error", code: "TPK2001", summary: "Too many errors", detail: more(-left.error, "error") });
  if (left.warning < 0)
    shown.push({ severity: "warning", code: "TPK2001", summary: "Too many warnings", detail: more(-left.warning, "warning") });
  return shown;
}

// --- internal ---

function more(count: number, what: string): string {
  return count === 1 ? `There is one more ${what}, which is not shown.` : `There are ${count} more ${what}s, which are not shown.`;
}
