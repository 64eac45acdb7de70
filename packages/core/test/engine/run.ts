// Runs a program to its end and keeps what a user would see.

import type { RunOptions, RunResult } from "../../src/engine/run-options.ts";
import { runProgram } from "../../src/engine/run-program.ts";
import type { RunEvent } from "../../src/events/event.ts";
import { PlainPrinter } from "../../src/events/plain.ts";
import type { Program } from "../../src/program/program.ts";

export interface FinishedRun {
  readonly result: RunResult;
  readonly events: readonly RunEvent[];
  /** Plain output, with times replaced by N. */
  readonly lines: readonly string[];
}

/** Runs with no files left behind, unless `options` say otherwise. */
export async function runToEnd(program: Program, options: RunOptions = {}): Promise<FinishedRun> {
  const events: RunEvent[] = [];
  const printer = new PlainPrinter();
  const lines: string[] = [];
  const run = runProgram(program, {
    runsDirectory: false,
    ...options,
    onEvent: (event) => {
      events.push(event);
      lines.push(...printer.lines(event));
      options.onEvent?.(event);
    },
  });
  const result = await run.result;
  return { result, events, lines: lines.map((line) => line.replace(/\d+ (milli)?seconds?( \d+ milliseconds?)?/, "N")) };
}

/** The events of one kind. */
export function ofKind<K extends RunEvent["kind"]>(events: readonly RunEvent[], kind: K): (RunEvent & { readonly kind: K })[] {
  return events.filter((event): event is RunEvent & { readonly kind: K } => event.kind === kind);
}
