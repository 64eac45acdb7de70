import type { Artifact } from "./artifact.ts";
import type { Component } from "./component.ts";
import type { Hook } from "./hook.ts";
import type { Ui } from "./ui.ts";

export interface BuilderContext {
  readonly ui: Ui;
  readonly hook: Hook;
  /** Aborts when the build is cancelled: stop, clean up, reject with a cancellation. */
  readonly signal: AbortSignal;
}

/**
 * Makes a machine, lets it be provisioned, turns it into an artifact.
 *
 * Contract: `run` is called at most once after a successful `prepare`, and blocks until the artifact is final. It fires
 * `HOOK_PROVISION` once the machine is ready and `HOOK_CLEANUP_PROVISION` if anything failed after that. Whether it
 * succeeds, fails or is cancelled, it leaves no process, mount or temporary file unless `packer_on_error` says so. Resolves
 * to undefined when there is nothing to show (row LIF-08).
 */
export interface Builder extends Component {
  run(context: BuilderContext): Promise<Artifact | undefined>;
}
