// The way back: cleaning up after the steps that started.
import { setTimeout as wait } from "node:timers/promises";
import { BuildError, CancelledError, errorText, isCancellation, TspackError } from "../../diagnostics/error.ts";
import { pauseForDebug } from "./questions.ts";
import type { Step, StepContext } from "./step.ts";

const CLEANUP_LIMIT_MS = 120_000;
/** A clean-up that ignores the end of its time is left behind after this. */
const GRACE_MS = 5_000;

/** What is cleaned up after, and why. */
export interface CleanUpOptions {
  /** Steps whose `run` started, in that order. */
  readonly started: readonly Step[];
  /** Why the steps ended; undefined when all succeeded. */
  readonly failure: unknown;
  /** Steps for which this is false are reported and left as they are. */
  readonly wanted: (step: Step) => boolean;
  readonly context: StepContext;
}

/** Cleans up in reverse order and returns what went wrong on the way. Never throws. */
export async function cleanUp({ started, failure, wanted, context }: CleanUpOptions): Promise<readonly Error[]> {
  const problems: Error[] = [];
  for (const step of started.toReversed()) {
    if (!wanted(step)) {
      context.ui.error(`Skipping the clean-up of step ${JSON.stringify(step.name)}`);
      continue;
    }
    // Where there is nothing to clean up there is nothing to look at before.
    if (step.cleanup !== undefined) await pauseForDebug(context, `before cleaning up step ${JSON.stringify(step.name)}`);
    try {
      await cleanUpStep(step, failure, context);
    } catch (error) {
      problems.push(new BuildError(`could not clean up after step ${JSON.stringify(step.name)}`, { cause: error }));
    }
  }
  return problems;
}

/** One error for a failure and the clean-ups that failed after it. The first failure decides its code. */
export function withCleanUpProblems(failure: unknown, problems: readonly Error[]): unknown {
  if (problems.length === 0) return failure;
  const cause = new AggregateError([failure, ...problems], "");
  const message = "a step failed, and so did the clean-up after it";
  if (isCancellation(failure)) return new CancelledError("cancelled, but the clean-up failed", { cause });
  if (!TspackError.is(failure)) return new BuildError(message, { cause });
  const { code, diagnostics, hint, option } = failure;
  return new BuildError(message, { code, diagnostics, hint, option, cause });
}

/** Reports clean-ups that failed although all steps had succeeded; as in Packer the build has succeeded all the same. */
export function reportCleanUpProblems(problems: readonly Error[], context: StepContext): void {
  for (const problem of problems) context.ui.error(errorText(problem));
}

// --- internal ---

async function cleanUpStep(step: Step, failure: unknown, context: StepContext): Promise<void> {
  if (step.cleanup === undefined) return;
  context.ui.log("debug", `cleaning up step ${step.name}`);
  const limitMs = step.cleanupLimitMs ?? CLEANUP_LIMIT_MS;
  const expired = new AbortController();
  const done = new AbortController();
  const running = step.cleanup({ ...context, signal: expired.signal, failure });
  try {
    await (Number.isFinite(limitMs) ? Promise.race([running, limit(limitMs, expired, done.signal)]) : running);
  } finally {
    done.abort();
    // Left behind: what becomes of it interests nobody any more.
    running.catch(() => undefined);
  }
}

async function limit(limitMs: number, expired: AbortController, signal: AbortSignal): Promise<never> {
  const error = new BuildError(`this took longer than ${limitMs / 1000} seconds`, { code: "TPK6005" });
  // When the clean-up is done first, these waits end with a rejection that the race does not look at.
  await wait(limitMs, undefined, { signal });
  expired.abort(error);
  await wait(GRACE_MS, undefined, { signal });
  throw error;
}
