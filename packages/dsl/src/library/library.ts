// What scripts use: check, look at and run a program, be it a file, a loaded program, or builds that the script itself made.
// The command line uses the same functions.
import { resolve } from "node:path";
import {
  canonicalProgram,
  type Diagnostic,
  LoadError,
  type Program,
  type Run,
  type RunOptions,
  runProgram,
  validateProgram,
} from "@tspack/core";
import { standardInputPath } from "../load/input-kind.ts";
import { load } from "../load/load.ts";
import type { Loaded, LoadOptions } from "../load/options.ts";
import type { Build } from "../program/build.ts";
import { scriptProgram } from "./script-program.ts";

/**
 * What can be run: the path of a program's file or folder, what `load` returned, a `Program`, or builds that the script made with
 * `build()`.
 */
export type Runnable = string | Loaded | Program | Build | readonly Build[];

/**
 * Options of the run, and of loading where a path is given. `environment` and `workingDirectory` serve both. What is run needs all its
 * values.
 */
export interface ScriptOptions extends Omit<LoadOptions, "missingValues">, RunOptions {}

/**
 * Prepares every build and returns all problems at once: those of loading, and where the program could be made, those of every
 * build. Starts nothing, and does not throw for what is wrong with a program.
 *
 * @example
 * const problems = await validate("image.ts", { environment: process.env });
 * if (hasErrors(problems)) console.error(renderDiagnostics(problems));
 */
export async function validate(what: Runnable, options: ScriptOptions = {}): Promise<readonly Diagnostic[]> {
  const { program, diagnostics, explain } = await made(what, { ...options, keepGoing: true }, options.evaluateDatasources);
  return program === undefined ? diagnostics : [...diagnostics, ...(await validateProgram(program, { explain, ...options }))];
}

/**
 * The canonical program as plain data, as `tspack inspect --json` prints it: one entry per build and source, keys sorted, secrets
 * hidden. Throws a `LoadError` with diagnostics if there is no program.
 */
export async function inspect(what: Runnable, options: ScriptOptions = {}): Promise<unknown> {
  // In a template path.root is the path as it was given, in image.ts it is absolute: what can be compared is absolute at every door.
  const named = typeof what === "string" && what !== standardInputPath ? resolve(options.workingDirectory ?? process.cwd(), what) : what;
  const program = requireProgram(await made(named, options, options.evaluateDatasources));
  return canonicalProgram(program, { catalog: options.catalog, environment: options.environment });
}

/**
 * Starts a run and returns it at once: iterate over it for typed events, await its `result`, stop it with `cancel()` or with
 * `options.signal`. Failed builds are a result, not an exception. Throws a `LoadError` with diagnostics if there is no program.
 *
 * Nothing is read from the process but the working directory (`workingDirectory`): pass `environment: process.env` to give
 * components the environment, and variables their `PKR_VAR_` values.
 *
 * @example
 * const running = await run("image.ts", { environment: process.env, signal: AbortSignal.timeout(600_000) });
 * for await (const event of running) if (event.kind === "build-finished") console.log(event.build, event.outcome);
 * process.exitCode = (await running.result).exitCode;
 */
export async function run(what: Runnable, options: ScriptOptions = {}): Promise<Run> {
  const ready = await made(what, { ...options, keepGoing: true }, true);
  return runProgram(requireProgram(ready), { explain: ready.explain, ...options });
}

// --- internal ---

type Made = Pick<Loaded, "program" | "diagnostics"> & Partial<Pick<Loaded, "explain">>;

async function made(what: Runnable, options: ScriptOptions, evaluateDatasources: boolean | undefined): Promise<Made> {
  if (typeof what === "string") return load(what, { ...options, evaluateDatasources });
  if ("dependencies" in what) return what;
  if ("configStyle" in what) return { program: what, diagnostics: [] };
  return scriptProgram(what, options.workingDirectory);
}

function requireProgram({ program, diagnostics }: Made): Program {
  if (program !== undefined) return program;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  const place = first?.subject === undefined ? "" : ` (${first.subject.file} line ${first.subject.start.line})`;
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : "";
  throw new LoadError(`the program cannot be run: ${first?.detail ?? first?.summary ?? "it has errors"}${place}${more}`, {
    code: first?.code ?? "TPK1006",
    diagnostics,
    hint: first?.hint,
  });
}
