import { InternalError } from "../diagnostics/error.ts";
import type { Program } from "../program/program.ts";
import type { Run, RunOptions } from "./run-options.ts";

/** Starts a run of the program. Returns at once; everything that happens comes as events, the end as `result`. */
export function runProgram(_program: Program, _options: RunOptions = {}): Run {
  throw new InternalError("runProgram is not there yet");
}
