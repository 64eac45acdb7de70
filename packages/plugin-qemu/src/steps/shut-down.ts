// Powering the machine off (rows QM-146 to QM-150, QM-195).
import { setTimeout as wait } from "node:timers/promises";
import { BuildError, connectionKey, formatDuration, type Step } from "@tspack/core/sdk";
import type { Machine, MachineEnd } from "../machine/machine.ts";
import type { QemuOptions } from "../options.ts";
import { machineKey } from "./keys.ts";

/** A guest that reacts to its power button has at most so long, in milliseconds, when nobody said how to shut it down. */
const BUTTON_MS = 60_000;

/**
 * The step that waits for the machine to be off: by `shutdown_command`; without a communicator by itself; and without a command by its
 * power button, where Packer just kills it and loses what the guest has not written yet. Throws a `BuildError` (TPK6005) when it is still
 * on after `shutdown_timeout`, and when it was lost instead of powered off.
 */
export function shutDownStep(config: QemuOptions): Step {
  return {
    name: "shut down",
    async run({ state, ui, signal }) {
      const machine = state.get(machineKey);
      const command = config.shutdown_command ?? "";
      if (config.communicator === "none") {
        ui.say("Waiting for the machine to power itself off...");
        await waitUntilOff(machine, config.shutdown_timeout, signal, {
          who: "nothing can be told to the machine (communicator is none), and it",
          hint: "the guest has to power itself off when it is done; shutdown_timeout gives it more time",
          option: "shutdown_timeout",
        });
      } else if (command !== "") {
        const connection = state.get(connectionKey);
        ui.say("Shutting the machine down...");
        ui.log("info", `shutdown command: ${command}`);
        const limited = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, config.shutdown_timeout))]);
        // The connection may well break before there is an exit code.
        const told = connection.communicator.execute({ command, signal: limited }).then(
          ({ exitCode }) => ({ exitCode, error: undefined }),
          (error: unknown) => ({ exitCode: undefined, error }),
        );
        const first = await Promise.race([machine.off.then(() => undefined), told]);
        if (first?.error !== undefined && !limited.aborted && !(await isOffSoon(machine))) {
          throw new BuildError("the shutdown command could not be sent", { cause: first.error });
        }
        if (first?.exitCode !== undefined && first.exitCode !== 0)
          ui.log("info", `the shutdown command ended with exit code ${first.exitCode}`);
        const exit = first?.exitCode === undefined || first.exitCode === 0 ? "" : ` (its exit code was ${first.exitCode})`;
        await waitUntilOff(machine, config.shutdown_timeout, signal, {
          who: `after the shutdown command${exit} it`,
          hint: "check that shutdown_command powers the machine off, and give it more time with shutdown_timeout",
          option: "shutdown_command",
        });
      } else {
        await pressButton(machine, Math.min(config.shutdown_timeout, BUTTON_MS), signal, (text) => ui.say(text));
      }
      // QEMU writes its disks out before it goes.
      await machine.end();
      const end = await machine.ended;
      if (end.cause === "lost") throw lost(end);
    },
  };
}

// --- internal ---

/** What is said when the machine stays on: who was to power it off, and what to do. */
interface StillOn {
  readonly who: string;
  readonly hint: string;
  readonly option: string;
}

async function waitUntilOff(machine: Machine, limitMs: number, signal: AbortSignal, { who, hint, option }: StillOn): Promise<void> {
  const end = await offWithin(machine, limitMs, signal);
  if (end === undefined) {
    throw new BuildError(`the machine was not shut down: ${who} was still on after ${formatDuration(limitMs)}`, {
      code: "TPK6005",
      hint,
      option,
    });
  }
  if (end.cause !== "guest") throw lost(end);
}

/** How the machine ended; undefined when it is still on after that time. */
async function offWithin(machine: Machine, limitMs: number, signal: AbortSignal): Promise<MachineEnd | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([
      machine.off,
      wait(limitMs, undefined, { signal: AbortSignal.any([signal, done.signal]) }).then(() => undefined),
    ]);
  } finally {
    done.abort();
  }
}

/** A connection that breaks because the machine goes off breaks a moment before that is known. */
async function isOffSoon(machine: Machine): Promise<boolean> {
  return (await offWithin(machine, 5_000, new AbortController().signal)) !== undefined;
}

async function pressButton(machine: Machine, limitMs: number, signal: AbortSignal, say: (text: string) => void): Promise<void> {
  say("There is no shutdown_command: pressing the machine's power button...");
  await machine.qmp.execute("system_powerdown").catch(() => undefined);
  const end = await offWithin(machine, limitMs, signal);
  if (end?.cause === "lost" || end?.cause === "panic") throw lost(end);
  if (end === undefined) {
    say(
      `The machine does not react to its power button within ${formatDuration(limitMs)}: it is switched off, and loses what it has not written to its disk`,
    );
  }
}

function lost({ text, hint }: MachineEnd): BuildError {
  return new BuildError(`the machine was not shut down properly: ${text}`, { hint });
}
