// Files that scripts need on the machine while they run: put there, and removed again.
import { pause } from "../../communicator/abort.ts";
import { BuildError, CommunicatorError, errorText, isCancellation, TspackError } from "../../diagnostics/error.ts";
import { type Communicator, DISCONNECT_EXIT_CODE } from "../../sdk/communicator.ts";
import { formatDuration } from "../../sdk/config/duration.ts";
import { LineWriter } from "../../sdk/line-writer.ts";
import type { Ui } from "../../sdk/ui.ts";
import { quotePath } from "./quote-path.ts";

/** What talking to the machine takes. */
export interface Machine {
  readonly communicator: Communicator;
  readonly ui: Ui;
  readonly signal: AbortSignal;
}

/** The communicator, or the error that says why there has to be one (row CON-16). */
export function requireCommunicator(communicator: Communicator | undefined, type: string): Communicator {
  if (communicator !== undefined) return communicator;
  throw new CommunicatorError(`the provisioner ${JSON.stringify(type)} needs a way into the machine, and this builder has none`, {
    code: "TPK5006",
    hint: "Use shell-local to run something on this machine.",
  });
}

/** Runs a command of ours whose output does not concern the user. A connection that goes away meanwhile is an error here. */
export async function runQuietly(
  { communicator, signal }: Machine,
  command: string,
): Promise<{ readonly exitCode: number; readonly said: string }> {
  const lines: string[] = [];
  const stderr = new LineWriter((line) => {
    if (lines.length < MOST_LINES) lines.push(line);
  });
  const { exitCode } = await communicator.execute({ command, stderr, signal });
  stderr.flush();
  if (exitCode === DISCONNECT_EXIT_CODE) throw new CommunicatorError("the connection went away");
  return { exitCode, said: lines.join("; ") };
}

/**
 * Tries again every 2 seconds until `limitMs` have passed: the machine may be about to restart (row SH-10). Why is said once, since that
 * may take minutes. What trying again cannot change is thrown at once.
 */
export async function retryStart<T>({ ui, signal }: Machine, what: string, limitMs: number, attempt: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  let isTold = false;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || !isTransient(error)) throw error;
      if (performance.now() - startedMs + RETRY_MS > limitMs) {
        const known = TspackError.is(error) ? error : undefined;
        throw new BuildError(`could not ${what} in time`, { code: known?.code ?? "TPK6002", hint: known?.hint, cause: error });
      }
      ui.log("warn", `could not ${what}, trying again: ${errorText(error)}`);
      if (!isTold) ui.say(`Could not ${what}: ${errorText(error)}; trying again for up to ${formatDuration(limitMs)}`);
      isTold = true;
    }
    await pause(RETRY_MS, signal);
  }
}

/**
 * Removes files of ours from the machine. Waits for a machine that restarts; a file that cannot be removed is an error, as in
 * Packer (row SH-13).
 */
export async function removeRemoteFiles(machine: Machine, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  for (let tries = 1; ; tries++) {
    try {
      const { exitCode, said } = await runQuietly(machine, `rm -f ${paths.map(quotePath).join(" ")}`);
      if (exitCode === 0) return;
      throw new BuildError(`could not remove ${paths.join(", ")} from the machine${said === "" ? "" : `: ${said}`}`, { code: "TPK6002" });
    } catch (error) {
      if (machine.signal.aborted || tries === MOST_REMOVALS || !isTransient(error)) throw error;
      machine.ui.log("warn", `could not remove ${paths.join(", ")}, trying again: ${errorText(error)}`);
    }
    await pause(Math.min(tries * RETRY_MS, LONGEST_REMOVAL_PAUSE_MS), machine.signal);
  }
}

/** Removes what a failed or cancelled provisioner would leave. Takes little time and never fails. */
export async function removeLeftFiles({ communicator, ui }: Machine, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  try {
    await runQuietly({ communicator, ui, signal: AbortSignal.timeout(LAST_REMOVAL_MS) }, `rm -f ${paths.map(quotePath).join(" ")}`);
  } catch (error) {
    ui.log("warn", `${paths.join(", ")} may be left on the machine: ${errorText(error)}`);
  }
}

// --- internal ---

const RETRY_MS = 2_000;
const MOST_REMOVALS = 10;
const LONGEST_REMOVAL_PAUSE_MS = 10_000;
const LAST_REMOVAL_MS = 5_000;
/** Lines of an error message that are kept. */
const MOST_LINES = 10;

/**
 * Trouble on the way to the machine may pass; that a communicator cannot do something, or what we say about a result, does not. A command
 * that has begun is not begun again.
 */
function isTransient(error: unknown): boolean {
  if (isCancellation(error)) return false;
  if (TspackError.is(error)) return error.code.startsWith("TPK5") && error.code !== "TPK5006" && error.code !== "TPK5007";
  return true;
}
