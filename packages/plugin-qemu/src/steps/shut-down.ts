// Powering the machine off (rows QM-146 to QM-150, QM-195).
import { BuildError, type Communicator, connectionKey, DISCONNECT_EXIT_CODE, formatDuration, type Step, type Ui } from "@tspack/core/sdk";
import type { Machine, MachineEnd } from "../machine/machine.ts";
import { GOING_OFF_MS, offWithin } from "../machine/off-within.ts";
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
        requireOff(await offWithin(machine, config.shutdown_timeout, signal), config.shutdown_timeout, {
          who: "nothing can be told to the machine (communicator is none), and it",
          hint: "the guest has to power itself off when it is done; shutdown_timeout gives it more time",
          option: "shutdown_timeout",
        });
      } else if (command !== "") {
        ui.say("Shutting the machine down...");
        ui.log("info", `shutdown command: ${command}`);
        await shutDownBy(command, machine, {
          communicator: state.get(connectionKey).communicator,
          limitMs: config.shutdown_timeout,
          ui,
          signal,
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

function requireOff(end: MachineEnd | undefined, limitMs: number, { who, hint, option }: StillOn): void {
  if (end === undefined) {
    throw new BuildError(`the machine was not shut down: ${who} was still on after ${formatDuration(limitMs)}`, {
      code: "TPK6005",
      hint,
      option,
    });
  }
  if (end.cause !== "guest") throw lost(end);
}

interface CommandOptions {
  readonly communicator: Communicator;
  readonly limitMs: number;
  readonly ui: Ui;
  readonly signal: AbortSignal;
}

/** Runs the command. The time counts from its beginning, as in Packer: one that never ends is stopped with it. */
async function shutDownBy(command: string, machine: Machine, { communicator, limitMs, ui, signal }: CommandOptions): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const off = offWithin(machine, limitMs, either).finally(() => over.abort());
  off.catch(() => undefined);
  try {
    // The connection may well break before there is an exit code.
    const told = communicator.execute({ command, signal: either }).then(
      ({ exitCode }) => ({ exitCode: exitCode === DISCONNECT_EXIT_CODE ? 0 : exitCode, error: undefined }),
      (error: unknown) => ({ exitCode: 0, error }),
    );
    const { exitCode, error } = await Promise.race([off.then(() => ({ exitCode: 0, error: undefined })), told]);
    if (error !== undefined && !either.aborted && (await offWithin(machine, GOING_OFF_MS, signal)) === undefined) {
      throw new BuildError("the shutdown command could not be sent", { cause: error });
    }
    if (exitCode !== 0) ui.log("info", `the shutdown command ended with exit code ${exitCode}`);
    requireOff(await off, limitMs, {
      who: `after the shutdown command${exitCode === 0 ? "" : ` (its exit code was ${exitCode})`} it`,
      hint: "check that shutdown_command powers the machine off, and give it more time with shutdown_timeout",
      option: "shutdown_command",
    });
  } finally {
    over.abort();
  }
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
