// Runs the provisioners of a build, each inside its wrappers, in the order of row META-10: innermost pause and time limit, then
// retries, outermost continue-on-error.
import { setTimeout as sleep } from "node:timers/promises";
import { BuildError, CancelledError, errorText, isCancellation } from "../diagnostics/error.ts";
import type { Scope } from "../program/deferred.ts";
import type { ProvisionerDeclaration } from "../program/program.ts";
import type { HookContext } from "../sdk/hook.ts";
import type { Provisioner } from "../sdk/provisioner.ts";
import type { Ui } from "../sdk/ui.ts";
import { type ProvisionerArguments, readProvisionerArguments, requireArguments } from "./common-arguments.ts";
import type { ComponentUse } from "./component-use.ts";

/** A provisioner as a build uses it. */
export interface ProvisionerUse {
  readonly use: ComponentUse<Provisioner>;
  readonly declaration: ProvisionerDeclaration;
}

/** What running one provisioner takes. */
export interface ProvisionRequest extends Omit<HookContext, "ui"> {
  /** The provisioner's own; what it says carries its name. */
  readonly ui: Ui;
  readonly scope: Scope;
  /** Ask before running it (row RUN-13). */
  readonly debug: boolean;
  /** Told before every attempt, from 1. */
  readonly onAttempt: (attempt: number) => void;
}

/** Runs one provisioner to its end. Throws what it failed with, unless it says `continue_on_error`; then that is a warning. */
export async function runProvisioner(provisioner: ProvisionerUse, request: ProvisionRequest): Promise<"succeeded" | "failed"> {
  const { ui, signal, scope } = request;
  const settings = requireArguments(readProvisionerArguments(provisioner.declaration, scope));
  const component = await provisioner.use.prepareToRun(scope);
  if (request.debug) await pauseForDebug(provisioner.use.step, request);
  try {
    await retry(component, settings, request);
    return "succeeded";
  } catch (error) {
    // Cancelling stops the build even here.
    if (!settings.continueOnError || signal.aborted || isCancellation(error)) throw error;
    ui.error(`Warning: the provisioner failed, and the build goes on because of continue_on_error: ${errorText(error)}`);
    return "failed";
  }
}

// --- internal ---

/** Waits for the user (row RUN-13). Goes on where nobody can answer, as the pauses between steps do. */
async function pauseForDebug(step: string, { ui, signal }: ProvisionRequest): Promise<void> {
  try {
    await ui.ask(`Pausing before the provisioner ${JSON.stringify(step)}. Press enter to continue.`, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    ui.log("warn", `could not pause before the provisioner: ${errorText(error)}`);
  }
}

async function retry(component: Provisioner, settings: ProvisionerArguments, request: ProvisionRequest): Promise<void> {
  const { ui, signal } = request;
  let first: unknown;
  for (let attempt = 1; ; attempt++) {
    try {
      request.onAttempt(attempt);
      await attemptOnce(component, settings, request);
      return;
    } catch (error) {
      first ??= error;
      const left = settings.maxRetries + 1 - attempt;
      // Packer reports the first attempt's error, not the last one (row META-04); the others are in the output.
      if (left <= 0 || signal.aborted) throw signal.aborted ? error : first;
      ui.say(`Provisioner failed with ${JSON.stringify(errorText(error))}, retrying with ${left} ${left === 1 ? "try" : "tries"} left`);
    }
  }
}

/**
 * One attempt, after the pause and within the time limit. Packer forgets `timeout` when `pause_before` is set too (row MISS-03);
 * here both hold, and the limit counts from the end of the pause.
 */
async function attemptOnce(component: Provisioner, settings: ProvisionerArguments, request: ProvisionRequest): Promise<void> {
  const { ui, signal, communicator, data } = request;
  if (settings.pauseBeforeMs > 0) {
    ui.say(`Pausing ${goDuration(settings.pauseBeforeMs)} before the next provisioner...`);
    await pause(settings.pauseBeforeMs, signal);
  }
  if (signal.aborted) throw new CancelledError();
  if (settings.timeoutMs <= 0) return component.provision({ ui, communicator, data, signal });
  ui.say(`Setting a ${goDuration(settings.timeoutMs)} timeout for the next provisioner...`);
  const limit = new AbortController();
  const timer = setTimeout(() => {
    ui.error("Cancelling provisioner after a timeout...");
    limit.abort(new CancelledError("the time limit was reached"));
  }, settings.timeoutMs);
  try {
    await component.provision({ ui, communicator, data, signal: AbortSignal.any([signal, limit.signal]) });
  } catch (error) {
    if (!limit.signal.aborted || signal.aborted) throw error;
    throw new BuildError(`the provisioner took longer than its timeout of ${goDuration(settings.timeoutMs)}`, {
      code: "TPK6005",
      cause: isCancellation(error) ? undefined : error,
    });
  } finally {
    clearTimeout(timer);
  }
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(durationMs, undefined, { signal });
  } catch (error) {
    throw new CancelledError("cancelled during pause_before", { cause: error });
  }
}

/** As Go prints a duration: `1m30s`, `1.5s`, `200ms`. */
export function goDuration(durationMs: number): string {
  if (durationMs < 1000) return `${durationMs}ms`;
  const hours = Math.floor(durationMs / 3_600_000);
  const minutes = Math.floor(durationMs / 60_000) % 60;
  const seconds = (durationMs % 60_000) / 1000;
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${seconds}s`;
}
