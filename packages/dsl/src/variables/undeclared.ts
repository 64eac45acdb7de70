import { type Diagnostic, didYouMean } from "@tspack/core";
import type { LoadOptions } from "../load/options.ts";
import type { VariableValues } from "./read.ts";

/**
 * Values for variables that the program does not declare (row VAR-09): from `-var` an error; from a file ignored, or a warning
 * when asked for (rows FLG-13, FLG-18); from the environment ignored.
 */
export function undeclaredVariables(
  values: VariableValues,
  declared: readonly { readonly name: string }[],
  options: Pick<LoadOptions, "variables" | "undeclared">,
): Diagnostic[] {
  const names = declared.map(({ name }) => name);
  const known = new Set(names);
  const hint = (name: string): string => {
    if (names.length === 0) return "The program declares no variables.";
    return didYouMean(name, names) ?? `It declares: ${names.join(", ")}.`;
  };
  const diagnostics: Diagnostic[] = [];
  for (const name of Object.keys(options.variables ?? {})) {
    if (known.has(name)) continue;
    const detail = `The program declares no variable "${name}", which -var sets.`;
    diagnostics.push({ severity: "error", code: "TPK1102", summary: "Undeclared variable", detail, hint: hint(name) });
  }
  if (options.undeclared !== "warn") return diagnostics;
  for (const [name, file] of values.inFiles) {
    if (known.has(name) || Object.hasOwn(options.variables ?? {}, name)) continue;
    const detail = `The program declares no variable "${name}", which ${file} sets.`;
    diagnostics.push({ severity: "warning", code: "TPK1102", summary: "Undeclared variable", detail, hint: hint(name) });
  }
  return diagnostics;
}
