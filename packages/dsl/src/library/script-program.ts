import { resolve } from "node:path";
import { type Diagnostic, hasErrors, type Program } from "@tspack/core";
import type { Build } from "../program/build.ts";
import { programFrom } from "../program/collect.ts";
import type { LoadContext } from "../program/context.ts";

/**
 * The Program of builds that a script made itself, without a load. Its folder is the working directory. What its calls had to
 * report was thrown when they were made, and secrets become known when they are used.
 */
export function scriptProgram(
  builds: Build | readonly Build[],
  workingDirectory = process.cwd(),
): { readonly program: Program | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const root = resolve(workingDirectory);
  const context: LoadContext = {
    root,
    inputs: new Map(),
    captureOrigin: () => ({ locate: () => undefined }),
    variables: [],
    datasources: [],
    answers: new Map(),
    secrets: new Set(),
    diagnostics: [],
  };
  const { program, diagnostics } = programFrom({ default: builds }, context, root);
  return { program: hasErrors(diagnostics) ? undefined : program, diagnostics };
}
