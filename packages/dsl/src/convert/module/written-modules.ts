// The last step of a conversion: modules become files, and the findings a report.
import type { Diagnostic } from "@tspack/core";
import { type Conversion, type ConversionReport, type ConvertedFile, countLines, type Findings } from "../conversion.ts";
import { type Module, moduleText } from "./module-text.ts";

/** A converted template before it is text. */
export interface ConvertedModules {
  readonly modules: { readonly main: Module; readonly variables?: Module | undefined };
  readonly findings: Findings;
  readonly read: Pick<ConversionReport, "templates" | "linesIn">;
  /** What reading the template gave. */
  readonly diagnostics: readonly Diagnostic[];
  /** Name of the main file; `image.ts` unless given. */
  readonly file?: string | undefined;
}

/** The files, formatted, with the report. */
export async function writtenModules({ modules, findings, read, diagnostics, file }: ConvertedModules): Promise<Conversion> {
  // The only place that needs a compiler: it takes 0.3 s to load.
  const { ts } = await import("ts-morph");
  const main = moduleText(ts, modules.main);
  const files: ConvertedFile[] = [{ name: file ?? "image.ts", text: main.text }];
  const variables = modules.variables === undefined ? undefined : moduleText(ts, modules.variables);
  if (variables !== undefined) files.push({ name: "variables.ts", text: variables.text });
  for (const { problem } of [main, ...(variables === undefined ? [] : [variables])]) {
    if (problem === undefined) continue;
    const hint = "Please report this with the template.";
    findings.attention(`The program could not be formatted, and may be wrong: ${problem}.`, { hint });
  }
  for (const { name, text } of files) {
    for (const { number, line } of linesWith(text, "@ts-expect-error TODO(tspack)")) {
      const what = line.includes("no such option")
        ? "sets an option that its component does not have"
        : "sets an option to a kind of value that its component does not take";
      findings.attention(`Line ${number + 1} of ${name} ${what}; it stands behind @ts-expect-error.`);
    }
  }
  if (main.unused.length > 0) {
    findings.simplified(`Nothing uses ${listed(main.unused)}: exported, so that the compiler does not complain.`);
  }
  const found = findings.report();
  return {
    files,
    report: { ...read, linesOut: files.reduce((sum, { text }) => sum + countLines(text), 0), ...found },
    diagnostics: [...diagnostics, ...found.attention],
  };
}

// --- internal ---

function listed(names: readonly string[]): string {
  return names.length <= 5 ? names.join(", ") : `${names.slice(0, 5).join(", ")} and ${names.length - 5} more`;
}

/** The lines that hold a text, with their numbers from 1. */
function linesWith(text: string, part: string): readonly { readonly number: number; readonly line: string }[] {
  if (!text.includes(part)) return [];
  return text.split("\n").flatMap((line, index) => (line.includes(part) ? [{ number: index + 1, line }] : []));
}
