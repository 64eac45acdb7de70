import type { Communicator } from "./communicator.ts";
import type { Component } from "./component.ts";
import type { GeneratedData } from "./hook.ts";
import type { Ui } from "./ui.ts";

export interface ProvisionContext {
  readonly ui: Ui;
  /** Absent when the builder has none; a provisioner that needs one throws `TPK5006` saying so (row CON-16). */
  readonly communicator: Communicator | undefined;
  readonly data: GeneratedData;
  readonly signal: AbortSignal;
}

/**
 * Changes the machine that is being built.
 *
 * Contract: `provision` may be called again after it failed (`max_retries`), never twice at once. It stops promptly when
 * `signal` aborts, and leaves nothing of its own on the machine or on ours unless an option asks for that.
 */
export interface Provisioner extends Component {
  provision(context: ProvisionContext): Promise<void>;
}
