import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { InternalError } from "../diagnostics/error.ts";
import type { Program } from "../program/program.ts";
import type { RunOptions } from "./run-options.ts";

/** Prepares every selected build with placeholders for what is not known yet and returns all problems of all builds. Starts nothing. */
export async function validateProgram(_program: Program, _options: RunOptions = {}): Promise<Diagnostic[]> {
  throw new InternalError("validateProgram is not there yet");
}
