import type { PackerVariables, RunInfo } from "../component.ts";
import type { Ui } from "../ui.ts";

/** A typed slot of the state that steps share. */
export interface StateKey<T> {
  readonly name: string;
  /** Carries the type only. */
  readonly "~type"?: T;
}

/** Makes a key: `const vncPort = stateKey<number>("vnc_port")`. */
export function stateKey<T>(name: string): StateKey<T> {
  return { name };
}

/** What steps of one build hand to each other. */
export interface StateBag {
  /** Throws an `InternalError` naming the key when no step has set it. */
  get<T>(key: StateKey<T>): T;
  find<T>(key: StateKey<T>): T | undefined;
  set<T>(key: StateKey<T>, value: T): void;
}

/** What every step is given. */
export interface StepContext {
  readonly state: StateBag;
  readonly ui: Ui;
  readonly signal: AbortSignal;
  readonly packer: PackerVariables;
  readonly run: RunInfo;
}

/** What a clean-up is given: the signal ends its own time limit, not the build. */
export interface StepCleanupContext extends StepContext {
  /** Why the steps ended; undefined when all succeeded. A cancellation is an error for which `isCancellation` holds. */
  readonly failure: unknown;
}

/**
 * One step of a builder. `run` throws to halt; where the user asks for a retry it is called again, without a clean-up between. `cleanup` runs for every step whose `run` started, in reverse order, also
 * after cancellation and half-finished runs, under its own time limit and a signal that is not aborted yet.
 */
export interface Step {
  /** Shown in prompts, logs and timings: `connect`. */
  readonly name: string;
  run(context: StepContext): Promise<void>;
  cleanup?(context: StepCleanupContext): Promise<void>;
  /** How long `cleanup` may take, in milliseconds; 2 minutes unless given. */
  readonly cleanupLimitMs?: number | undefined;
  /** True for the step that provisions: `-on-error=run-cleanup-provisioner` cleans up after it alone (row RUN-11). */
  readonly provisions?: boolean | undefined;
}
