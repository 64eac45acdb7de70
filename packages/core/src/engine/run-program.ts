import { setMaxListeners } from "node:events";
import { join, resolve } from "node:path";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { CancelledError, errorText } from "../diagnostics/error.ts";
import { withExcerpt } from "../diagnostics/excerpt.ts";
import type { EventBus } from "../events/bus.ts";
import type { Outcome, Timing } from "../events/event.ts";
import type { Program } from "../program/program.ts";
import { coreVersion } from "../version.ts";
import { Core } from "./core.ts";
import { collectDiagnostics } from "./diagnostic-set.ts";
import { newRunId, runContext } from "./prepare-run.ts";
import type { RunContext } from "./run-context.ts";
import { RunDirectory } from "./run-directory.ts";
import type { BuildResult, Run, RunOptions, RunResult } from "./run-options.ts";
import { TemporaryDirectory } from "./temporary-directory.ts";

/** Starts a run of the program. Returns at once; everything that happens comes as events, the end as `result`. */
export function runProgram(program: Program, options: RunOptions = {}): Run {
  const id = newRunId();
  const abort = new AbortController();
  // Every build that runs listens to it.
  setMaxListeners(0, abort.signal);
  const temporary = new TemporaryDirectory(options.environment?.TMPDIR);
  const parent = options.runsDirectory ?? join(program.root, ".tspack", "runs");
  const runDirectory = parent === false ? undefined : resolve(parent, id);
  const context = runContext(program, options, { id, signal: abort.signal, temporaryDirectory: temporary.path, runDirectory });
  const { bus } = context;
  if (options.onEvent !== undefined) bus.listen(options.onEvent);
  let ended = false;
  const cancel = (reason = "a request"): void => {
    if (ended || abort.signal.aborted) return;
    bus.emit({ kind: "cancelling", reason });
    abort.abort(new CancelledError(`cancelled by ${reason}`));
  };
  const onAbort = (): void => cancel(abortReason(options.signal));
  const execute = async (): Promise<RunResult> => {
    try {
      if (options.signal?.aborted === true) onAbort();
      options.signal?.addEventListener("abort", onAbort, { once: true });
      return await executeRun(context, options, id, parent);
    } finally {
      ended = true;
      options.signal?.removeEventListener("abort", onAbort);
      await context.catalog.close();
      removeTemporaryFiles(temporary, bus);
      bus.end();
    }
  };
  // One turn later, so that the caller has the Run before the first event.
  const result = Promise.resolve().then(execute);
  result.catch(() => {
    // Whoever awaits the result hears of it; nobody has to.
  });
  return { id, result, cancel, [Symbol.asyncIterator]: () => bus.history.read() };
}

// --- internal ---

/** What a component left busy there must not cost the result of the run. */
function removeTemporaryFiles(temporary: TemporaryDirectory, bus: EventBus): void {
  try {
    temporary.remove();
  } catch (error) {
    bus.emit({ kind: "error", text: `temporary files are left in ${temporary.path}: ${errorText(error)}` });
  }
}

async function executeRun(context: RunContext, options: RunOptions, id: string, parent: string | false): Promise<RunResult> {
  const { bus, signal, program } = context;
  const start = performance.now();
  const directory = parent === false ? undefined : RunDirectory.open(parent, id, program, bus);
  const diagnostics = collectDiagnostics();
  const report = (found: readonly Diagnostic[], build?: string): void => {
    for (const diagnostic of diagnostics.add(found.map((one) => withExcerpt(one)))) {
      bus.emit({ kind: "diagnostic", diagnostic }, { build, phase: "prepare" });
    }
  };
  const timings: Timing[] = [];
  let builds: readonly BuildResult[] = [];
  let outcome: Outcome = "failed";
  try {
    const core = new Core(context, options);
    bus.emit({
      kind: "run-started",
      runId: id,
      version: coreVersion,
      builds: core.builds.map(({ name, plan }) => ({ name, steps: plan.steps, waitsFor: core.parentsOf(name) })),
      runDirectory: directory?.path,
    });
    report(core.plan.diagnostics);
    if (!hasErrors(core.plan.diagnostics)) {
      for (const name of core.plan.selection.broughtAlong) {
        bus.emit({ kind: "say", text: `${name} is built too: a selected build needs its artifact.` });
      }
      const names = new Set(core.builds.map(({ name }) => name));
      await core.prepare((name, found) => report(found, names.has(name) ? name : undefined));
      // -debug and a limit of one wait for each build before starting the next (row RUN-02).
      const limit = context.debug ? 1 : (options.parallelBuilds ?? 0);
      builds = await core.run(limit, (ended) => timings.push(...ended.timings));
      const failed = builds.some((build) => build.outcome !== "succeeded") || core.hasFailedDatasources;
      outcome = failed ? "failed" : "succeeded";
    }
    if (signal.aborted) outcome = "cancelled";
  } catch (error) {
    bus.emit({ kind: "error", text: `the run came to an unexpected end: ${errorText(error)}` });
    throw error;
  } finally {
    await directory?.pruned();
    timings.sort((a, b) => b.durationMs - a.durationMs);
    bus.emit({ kind: "run-finished", outcome, durationMs: performance.now() - start, timings }, { phase: "summary" });
  }
  const result: RunResult = {
    id,
    outcome,
    exitCode: outcome === "succeeded" ? 0 : 1,
    builds: bus.redactor.data(builds),
    diagnostics: bus.redactor.data(diagnostics.all()),
    timings,
    runDirectory: directory?.path,
  };
  directory?.close(result);
  return result;
}

function abortReason(signal: AbortSignal | undefined): string {
  const reason: unknown = signal?.reason;
  return typeof reason === "string" ? reason : "a request";
}
