import { CancelledError, isCancellation } from "../../diagnostics/error.ts";
import type { PackerVariables, RunInfo } from "../component.ts";
import type { Ui } from "../ui.ts";
import { cleanUp, reportCleanUpProblems, withCleanUpProblems } from "./clean-up.ts";
import { askAboutFailure, pauseForDebug } from "./questions.ts";
import { createState } from "./state.ts";
import type { StateBag, Step, StepContext } from "./step.ts";

/** What steps run with: the builder's own `Ui`, signal and settings, and a state that may hold something already. */
export interface RunStepsOptions {
  /** What the steps start with; an empty state unless given. */
  readonly state?: StateBag | undefined;
  readonly ui: Ui;
  readonly signal: AbortSignal;
  readonly packer: PackerVariables;
  readonly run: RunInfo;
}

/**
 * Runs the steps of a builder one after another, then cleans up in reverse after each that started, whether they succeeded,
 * failed or were cancelled (rows RUN-04, RUN-08..13). Returns the state; throws the error of the step that failed. Clean-ups
 * that fail too are reported with it, never in its place (row LIF-05).
 */
export async function runSteps(steps: readonly Step[], options: RunStepsOptions): Promise<StateBag> {
  const { ui, signal, packer, run } = options;
  const context: StepContext = { state: options.state ?? createState(), ui, signal, packer, run };
  const started: Step[] = [];
  let ended: Ended = { failure: undefined, isAborted: false };
  for (const step of steps) {
    if (signal.aborted) ended = { failure: new CancelledError(), isAborted: packer.packer_on_error === "abort" };
    else {
      started.push(step);
      ended = await runStep(step, context);
    }
    if (ended.failure !== undefined) break;
    await pauseForDebug(context, `after step ${JSON.stringify(step.name)}`);
  }
  const { failure, isAborted } = ended;
  const problems = await cleanUp({ started, failure, wanted: wantedCleanUps(packer, failure, isAborted), context });
  if (failure !== undefined) throw withCleanUpProblems(failure, problems);
  reportCleanUpProblems(problems, context);
  return context.state;
}

// --- internal ---

interface Ended {
  readonly failure: unknown;
  /** The user wants everything left as it is. */
  readonly isAborted: boolean;
}

async function runStep(step: Step, context: StepContext): Promise<Ended> {
  const { packer, signal, ui } = context;
  for (;;) {
    ui.log("debug", `running step ${step.name}`);
    try {
      await step.run(context);
      return { failure: undefined, isAborted: false };
    } catch (error) {
      const failure = failureOf(error, signal);
      if (packer.packer_on_error === "ask" && !isCancellation(failure)) {
        const answer = await askAboutFailure(context, step.name, failure);
        if (answer === "retry") continue;
        return { failure, isAborted: answer === "abort" };
      }
      return { failure, isAborted: packer.packer_on_error === "abort" };
    }
  }
}

/** After a cancellation, whatever a step throws is a consequence of that. */
function failureOf(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted && !isCancellation(error)) return new CancelledError("cancelled", { cause: error });
  return error ?? new Error("the step failed without a reason");
}

function wantedCleanUps(packer: PackerVariables, failure: unknown, isAborted: boolean): (step: Step) => boolean {
  if (failure === undefined) return () => true;
  if (isAborted) return () => false;
  if (packer.packer_on_error === "run-cleanup-provisioner") return (step) => step.provisions === true;
  return () => true;
}
