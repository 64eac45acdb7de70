// A variable file in TypeScript. Bundled and evaluated as a program is, but never cached: it may hold secrets.
import { dirname } from "node:path";
import { type Diagnostic, isCancellation } from "@tspack/core";
import { bundleProgram } from "../load/bundle.ts";
import { type Exports, evaluate } from "../load/evaluate.ts";
import { programModules } from "../load/modules.ts";
import type { LoadOptions } from "../load/options.ts";
import { stackMapper } from "../load/stack.ts";
import { syntaxDiagnostics } from "../load/syntax-errors.ts";
import { thrownDiagnostics } from "../load/thrown.ts";
import { withinLimits } from "../load/time-limit.ts";
import { loadStorage } from "../program/context.ts";

/** The default export of a module, or what is wrong with it. `files` are the module and all that it imports. */
export type VariableModule =
  | { readonly value: unknown; readonly files: readonly string[] }
  | { readonly diagnostics: readonly Diagnostic[]; readonly files: readonly string[] };

let evaluations = 0;

/** Evaluates the module in `file` (absolute; `shown` is its name in messages). It declares nothing: it is outside any load. */
export async function readModule(file: string, shown: string, workingDirectory: string, options: LoadOptions): Promise<VariableModule> {
  const result = await bundleProgram(file);
  if ("errors" in result) {
    const diagnostics = syntaxDiagnostics(result.errors, dirname(file), workingDirectory);
    return { diagnostics: diagnostics.map((one) => asVariableFile(one, shown)), files: [...new Set([file, ...result.inputs])] };
  }
  const { bundle } = result;
  const files = bundle.inputs.map(({ path }) => path);
  const scriptName = `${file}?values=${++evaluations}`;
  const mapper = stackMapper({ scriptName, file, map: () => bundle.map });
  const limits = {
    timeoutMs: options.timeoutMs ?? 60_000,
    signal: options.signal,
    isOurs: (reason: unknown) => reason instanceof Error && mapper.mentions(String(reason.stack)),
  };
  const call = (body: () => Promise<Exports>): Promise<Exports> => withinLimits(() => loadStorage.exit(body), limits);
  try {
    const exports = await evaluate({ bundle, file, scriptName, call });
    return { value: exports.default, files };
  } catch (error) {
    // The program may have aborted something of its own: that is its error.
    if (isCancellation(error) && options.signal?.aborted === true) throw error;
    const { resolve } = await programModules(file, bundle.externals);
    const diagnostics = thrownDiagnostics(error, { mapper, externals: bundle.externals, resolve, workingDirectory });
    return { diagnostics: diagnostics.map((one) => asVariableFile(one, shown)), files };
  }
}

/** Without the lines of the file, one of which may hold a secret: their place is told in words. */
function asVariableFile({ detail, hint, subject }: Diagnostic, shown: string): Diagnostic {
  const place = subject === undefined ? shown : `${subject.file} line ${subject.start.line}`;
  return { severity: "error", code: "TPK1104", summary: "Invalid variable file", detail: `${place}: ${detail ?? ""}`, hint };
}
