import { isCancellation } from "../../diagnostics/error.ts";
import type { Communicator } from "../communicator.ts";
import { type GeneratedData, HOOK_CLEANUP_PROVISION, HOOK_PROVISION, type Hook } from "../hook.ts";
import type { StateBag, Step } from "./step.ts";

/** What the step gives to provisioners. */
export interface ProvisionStepOptions {
  readonly hook: Hook;
  /** The way into the machine, which an earlier step has left in the state. */
  readonly communicator: (state: StateBag) => Communicator | undefined;
  readonly data: (state: StateBag) => GeneratedData;
}

/**
 * The step that runs the provisioners (row LIF-02). If anything fails from here on, a later step included, its clean-up
 * runs the error-cleanup provisioner (row LIF-04); a cancellation alone does not. That provisioner has the time its own
 * `timeout` gives it.
 */
export function provisionStep(options: ProvisionStepOptions): Step {
  const hookContext = (state: StateBag) => ({ communicator: options.communicator(state), data: options.data(state) });
  return {
    name: "provision",
    provisions: true,
    cleanupLimitMs: Number.POSITIVE_INFINITY,
    async run({ state, ui, signal }) {
      await options.hook.run(HOOK_PROVISION, { ...hookContext(state), ui, signal });
    },
    async cleanup({ state, ui, signal, failure }) {
      if (failure === undefined || isCancellation(failure)) return;
      await options.hook.run(HOOK_CLEANUP_PROVISION, { ...hookContext(state), ui, signal });
    },
  };
}
