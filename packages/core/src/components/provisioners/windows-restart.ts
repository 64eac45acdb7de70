// Restarting a Windows machine in the middle of a build (rows WR-01..06).
import * as z from "zod";
import { BuildError } from "../../diagnostics/error.ts";
import { DISCONNECT_EXIT_CODE } from "../../sdk/communicator.ts";
import { defineProvisioner } from "../../sdk/config/define.ts";
import { duration, textList } from "../../sdk/config/options.ts";
import { runWithUi } from "../../sdk/run-command.ts";
import { type Machine, requireCommunicator, retryStart } from "../shell/remote-file.ts";
import { windowsExitHints } from "../windows/exit-hints.ts";
import { awaitBack, awaitDown, ERROR_SHUTDOWN_IN_PROGRESS, ERROR_SHUTDOWN_IS_SCHEDULED, type Restart } from "../windows/restart.ts";

const SERVICING = "HKLM:SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing";

export default defineProvisioner({
  type: "windows-restart",
  description: "Restarts a Windows machine and waits until it is back.",
  options: () =>
    z.object({
      check_registry: z.boolean().default(false).describe("Wait also as long as one of `registry_keys` is there."),
      registry_keys: textList()
        .default([])
        .describe(
          "Keys that say that the machine will restart again. Unless given, `RebootPending`, `PackagesPending` and `RebootInProgress` of Component Based Servicing.",
        ),
      restart_check_command: z
        .string()
        .default("")
        .describe("Command that has to succeed once before the machine counts as back, besides tspack's own check."),
      restart_command: z
        .string()
        .default("")
        .describe('Command that restarts the machine. `shutdown /r /f /t 0 /c "packer restart"` unless given.'),
      restart_timeout: duration()
        .prefault("5m")
        .describe("How long the restart may take, from the command until the machine is back. `0s` means `5m`."),
    }),
  async provision({ config, communicator, ui, signal }) {
    const machine: Machine = { communicator: requireCommunicator(communicator, "windows-restart"), ui, signal };
    const timeoutMs = config.restart_timeout > 0 ? config.restart_timeout : STANDARD_TIMEOUT_MS;
    const restart: Restart = {
      machine,
      checkCommand: config.restart_check_command,
      registryKeys: config.check_registry ? registryKeys(config.registry_keys) : [],
      deadlineMs: performance.now() + timeoutMs,
      timeoutMs,
    };
    ui.say("Restarting the machine...");
    const command = config.restart_command || 'shutdown /r /f /t 0 /c "packer restart"';
    const exitCode = await retryStart(machine, "restart the machine", timeoutMs, () => runWithUi(machine.communicator, command, machine));
    if (!EXPECTED.has(exitCode)) {
      throw new BuildError(`the command that restarts the machine exited with code ${exitCode}`, {
        code: "TPK6006",
        hint: windowsExitHints[exitCode],
      });
    }
    ui.say("Waiting for the machine to restart...");
    await awaitDown(restart);
    await awaitBack(restart);
    ui.say("The machine has restarted.");
  },
});

// --- internal ---

const STANDARD_TIMEOUT_MS = 300_000;

/** Success, one that is under way already, and a machine that went down before it could answer. */
const EXPECTED: ReadonlySet<number> = new Set([0, ERROR_SHUTDOWN_IN_PROGRESS, ERROR_SHUTDOWN_IS_SCHEDULED, DISCONNECT_EXIT_CODE]);

function registryKeys(keys: readonly string[]): readonly string[] {
  return keys.length > 0 ? keys : ["RebootPending", "PackagesPending", "RebootInProgress"].map((key) => `${SERVICING}\\${key}`);
}
