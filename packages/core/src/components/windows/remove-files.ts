// Removing from a Windows machine what a provisioner put there (row PS-14).
import { pause } from "../../communicator/abort.ts";
import { errorText } from "../../diagnostics/error.ts";
import { formatDuration } from "../../sdk/config/duration.ts";
import { uploadText } from "../shell/remote.ts";
import { type Machine, runQuietly } from "../shell/remote-file.ts";
import { removalScript } from "./power-shell.ts";

/** What is to be removed, and how. */
export interface Removal {
  readonly paths: readonly string[];
  /** Names of tasks that may still run: they are ended. */
  readonly tasks?: readonly string[];
  /** Where the script that removes goes; it removes itself too. */
  readonly scriptPath: string;
  /** The command that runs a script. */
  readonly command: string;
}

/**
 * Removes files after success. Tries for a minute, since the machine may restart, and says so once; what stays is told to the log alone, as in
 * Packer.
 */
export async function removeFiles(machine: Machine, removal: Removal): Promise<void> {
  const startedMs = performance.now();
  let isTold = false;
  for (;;) {
    try {
      await remove(machine, removal);
      return;
    } catch (error) {
      if (machine.signal.aborted) throw error;
      if (performance.now() - startedMs + RETRY_MS > LIMIT_MS) {
        machine.ui.log("warn", `${removal.paths.join(", ")} may be left on the machine: ${errorText(error)}`);
        return;
      }
      const reason = errorText(error);
      machine.ui.log("warn", `could not remove files from the machine, trying again: ${reason}`);
      if (!isTold)
        machine.ui.say(`Could not remove the scripts from the machine: ${reason}; trying again for up to ${formatDuration(LIMIT_MS)}`);
      isTold = true;
    }
    await pause(RETRY_MS, machine.signal);
  }
}

/** Removes what a failed or cancelled provisioner would leave. Takes little time and never fails. */
export async function removeLeftFiles({ communicator, ui }: Machine, removal: Removal): Promise<void> {
  try {
    await remove({ communicator, ui, signal: AbortSignal.timeout(LAST_LIMIT_MS) }, removal);
  } catch (error) {
    ui.log("warn", `${removal.paths.join(", ")} may be left on the machine: ${errorText(error)}`);
  }
}

// --- internal ---

const LIMIT_MS = 60_000;
const RETRY_MS = 10_000;
/** PowerShell alone takes seconds to start. */
const LAST_LIMIT_MS = 10_000;

/** Rejects when the machine cannot be reached. What the script itself could not do is told to the log, and not tried again. */
async function remove(machine: Machine, { paths, tasks = [], scriptPath, command }: Removal): Promise<void> {
  const text = removalScript([...paths, scriptPath], tasks);
  await uploadText(machine, { content: { text }, isBinary: true, path: scriptPath });
  const { exitCode, said } = await runQuietly(machine, command);
  if (exitCode === 0) return;
  const why = `the script that removes them exited with code ${exitCode}${said === "" ? "" : `: ${said}`}`;
  machine.ui.log("warn", `${paths.join(", ")} may be left on the machine: ${why}`);
}
