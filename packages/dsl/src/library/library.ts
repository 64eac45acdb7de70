import { type Diagnostic, InternalError, type Program, type Run, type RunOptions } from "@tspack/core";
import type { Loaded, LoadOptions } from "../load/options.ts";

/** What can be run: the path of a program, what `load` returned, a program, or values that `build()` made. */
export type Runnable = string | Loaded | Program | object | readonly object[];

/** Options of loading (where a path is given) and of the run itself. */
export interface ScriptOptions extends LoadOptions, RunOptions {}

/** Prepares every build and returns all problems of loading and of all builds. Starts nothing. */
export async function validate(_what: Runnable, _options: ScriptOptions = {}): Promise<readonly Diagnostic[]> {
  throw new InternalError("validate is not there yet");
}

/** The canonical Program as plain data: what `tspack inspect --json` prints. Throws a `LoadError` if it cannot be loaded. */
export async function inspect(_what: Runnable, _options: ScriptOptions = {}): Promise<unknown> {
  throw new InternalError("inspect is not there yet");
}

/** Starts a run. Throws a `LoadError` if the program cannot be loaded; failed builds are a result of the run. */
export async function run(_what: Runnable, _options: ScriptOptions = {}): Promise<Run> {
  throw new InternalError("run is not there yet");
}
