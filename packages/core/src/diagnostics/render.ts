import type { Diagnostic } from "./diagnostic.ts";

/** How diagnostics are printed. */
export interface RenderOptions {
  readonly color?: boolean | undefined;
  /** Columns to wrap at; 80 unless given. */
  readonly width?: number | undefined;
  /** Source text of a file, or undefined when there is none; reads the file unless given. */
  readonly readSource?: ((file: string) => string | undefined) | undefined;
}

/** The printed form of diagnostics, one after another, ending with a line end; the empty text for none. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], _options: RenderOptions = {}): string {
  return diagnostics.map((diagnostic) => `${diagnostic.severity}: ${diagnostic.summary}\n`).join("");
}
