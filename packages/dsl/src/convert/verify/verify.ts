import { type ComponentCatalog, canonicalProgram, type Diagnostic, hasErrors } from "@tspack/core";
import { loadHcl } from "../../hcl/packer/load.ts";
import { loadJson } from "../../json/load.ts";
import { inputKind } from "../../load/input-kind.ts";
import { loadTypeScript } from "../../load/load-typescript.ts";
import type { Loaded, LoadOptions } from "../../load/options.ts";
import { type Difference, differences } from "./differences.ts";

/** What a comparison found. With errors among the diagnostics nothing was compared. */
export interface Verification {
  readonly differences: readonly Difference[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The clock of a comparison where none is set: any will do, as long as both programs see the same. */
const fixedEpoch = "1700000000";

/**
 * Compares the canonical Programs of a template and of the program that it was converted to, for the values in the options. The clock and
 * the random source are fixed, by SOURCE_DATE_EPOCH of the environment where that is set. Data sources are not asked.
 */
export async function verifyConversion(
  template: string,
  program: string,
  options: LoadOptions & { readonly catalog?: ComponentCatalog | undefined } = {},
): Promise<Verification> {
  const environment = { SOURCE_DATE_EPOCH: fixedEpoch, ...options.environment };
  const given: LoadOptions = { ...options, environment, cache: false };
  const original = await loadTemplate(template, given);
  if (original.program === undefined || hasErrors(original.diagnostics)) return { differences: [], diagnostics: original.diagnostics };
  const converted = await loadTypeScript(program, given);
  if (converted.program === undefined || hasErrors(converted.diagnostics)) return { differences: [], diagnostics: converted.diagnostics };
  const components = { catalog: options.catalog, environment };
  const found = differences(await canonicalProgram(original.program, components), await canonicalProgram(converted.program, components));
  return { differences: found, diagnostics: differenceDiagnostics(template, program, found) };
}

// --- internal ---

/** By the template's own door: its folder may hold the program by now. */
function loadTemplate(path: string, options: LoadOptions): Promise<Loaded> {
  return inputKind(path, options) === "json" ? loadJson(path, options) : loadHcl(path, options);
}

/** Most differences that are told one by one. */
const TOLD_DIFFERENCES = 10;

function differenceDiagnostics(template: string, program: string, found: readonly Difference[]): readonly Diagnostic[] {
  const told = found.slice(0, TOLD_DIFFERENCES).map(({ path, original, converted }): Diagnostic => {
    const detail = `${path} is ${text(original)} in ${template}, and ${text(converted)} in ${program}.`;
    return { severity: "error", code: "TPK2402", summary: "The conversion differs", detail };
  });
  const last = told.at(-1);
  if (last === undefined) return [];
  const more = found.length > told.length ? `There are ${found.length - told.length} more differences. ` : "";
  const hint = `${more}\`tspack inspect -json\` prints both in full. If nobody changed the program by hand, this is a fault of ours: please report it.`;
  return [...told.slice(0, -1), { ...last, hint }];
}

function text(value: unknown): string {
  const json = value === undefined ? "nothing" : JSON.stringify(value);
  return json.length > 120 ? `${json.slice(0, 117)}...` : json;
}
