import { packerVariables, RecordingUi, runInfo } from "@tspack/test-support";
import type { RunInfo } from "../../../src/sdk/component.ts";
import { runSteps } from "../../../src/sdk/steps/runner.ts";
import { createState } from "../../../src/sdk/steps/state.ts";
import type { StateBag, Step } from "../../../src/sdk/steps/step.ts";

export interface StepRun {
  readonly ui: RecordingUi;
  readonly state: StateBag;
  readonly run: RunInfo;
}

/** Runs a step and, while it stands, `body`; then its clean-up. */
export async function whileStepStands(step: Step, run: Partial<RunInfo>, body: (context: StepRun) => Promise<void>): Promise<StepRun> {
  const { signal } = new AbortController();
  const context = { ui: new RecordingUi(), state: createState(), run: runInfo({ environment: {}, ...run }) };
  await runSteps([step, { name: "body", run: () => body(context) }], { ...context, signal, packer: packerVariables() });
  return context;
}
