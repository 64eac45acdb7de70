import { type Diagnostic, hasErrors } from "@tspack/core";
import type { LoadOptions } from "./options.ts";

/** What is wrong with a program, without the variables that have no value where those are ignored, unless more is wrong. */
export function withMissingValues(diagnostics: readonly Diagnostic[], { missingValues }: LoadOptions): readonly Diagnostic[] {
  if (missingValues !== "ignore") return diagnostics;
  const others = diagnostics.filter(({ code }) => code !== "TPK1101");
  return hasErrors(others) ? diagnostics : others;
}
