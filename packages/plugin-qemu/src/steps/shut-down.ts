// Powering the machine off (rows QM-146 to QM-150, QM-195).
import {
  BuildError,
  type Communicator,
  connectionKey,
  DISCONNECT_EXIT_CODE,
  errorText,
  formatDuration,
  LineWriter,
  type Step,
  type Ui,
} from "@tspack/core/sdk";
import type { GuestAgent } from "../agent/agent.ts";
import { withoutControls } from "../console/plain-text.ts";
import { LastWords } from "../machine/last-words.ts";
import type { Machine, MachineEnd } from "../machine/machine.ts";
import { GOING_OFF_MS, offWithin } from "../machine/off-within.ts";
import type { QemuOptions } from "../options.ts";
import { agentKey, machineKey } from "./keys.ts";

/** A guest that is told by its agent or its power button to go off has at most so long, in milliseconds, when nobody said how to shut it down. */
const UNTOLD_MS = 60_000;
/** How much of it an agent has to show that it listens. */
const LISTEN_MS = 10_000;

/**
 * The step that waits for the machine to be off: by `shutdown_command`; without a communicator by itself; and without a command by its
 * agent, if one answers, or its power button, where Packer just kills it and loses what the guest has not written yet. Throws a `BuildError` (TPK6005) when it is still
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
        const limitMs = Math.min(config.shutdown_timeout, UNTOLD_MS);
        const say = (text: string): void => ui.say(text);
        const isTold = await askAgent(state.find(agentKey), machine, { limitMs, signal, say });
        if (!isTold) await pressButton(machine, { limitMs, signal, say });
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

/** How many of the last lines of a command that did not help are quoted. */
const LINES_OF_COMMAND = 3;

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
  const words = new LastWords(LINES_OF_COMMAND);
  const output = new LineWriter((line) => {
    words.add(line);
    ui.log("info", `shutdown command: ${withoutControls(line)}`);
  });
  try {
    // The connection may well break before there is an exit code.
    const told = communicator.execute({ command, stdout: output, stderr: output, signal: either }).then(
      ({ exitCode }) => ({ exitCode: exitCode === DISCONNECT_EXIT_CODE ? 0 : exitCode, error: undefined }),
      (error: unknown) => ({ exitCode: 0, error }),
    );
    const { exitCode, error } = await Promise.race([off.then(() => ({ exitCode: 0, error: undefined })), told]);
    if (error !== undefined && !either.aborted && (await offWithin(machine, GOING_OFF_MS, signal)) === undefined) {
      throw new BuildError("the shutdown command could not be sent", { cause: error });
    }
    output.flush();
    if (exitCode !== 0) {
      ui.log("info", `the shutdown command ended with exit code ${exitCode}`);
      // A guest that goes off may well end the command, too.
      const end = await offWithin(machine, GOING_OFF_MS, either).catch(() => undefined);
      if (end === undefined && !either.aborted) {
        ui.error(
          `The shutdown command failed${about(exitCode, words)}. The machine is still on: it has ${formatDuration(limitMs)} in all to go off`,
        );
      }
    }
    requireOff(await off, limitMs, {
      who: `after the shutdown command${about(exitCode, words)} it`,
      hint: "check that shutdown_command powers the machine off, and give it more time with shutdown_timeout",
      option: "shutdown_command",
    });
  } finally {
    over.abort();
  }
}

/** How the command ended, and what it said: why it has not shut the machine down. */
function about(exitCode: number, words: LastWords): string {
  const lines = words.lines().filter((line) => line.trim() !== "");
  const said = lines.length === 0 ? [] : [`it said: ${lines.join(" | ")}`];
  const parts = [...(exitCode === 0 ? [] : [`its exit code was ${exitCode}`]), ...said];
  return parts.length === 0 ? "" : ` (${parts.join("; ")})`;
}

interface UntoldOptions {
  readonly limitMs: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Has the guest shut down by its agent. Resolves to false, for the power button, when there is none, or it cannot or does not answer. */
async function askAgent(agent: GuestAgent | undefined, machine: Machine, { limitMs, signal, say }: UntoldOptions): Promise<boolean> {
  if (agent?.isThere() !== true) return false;
  say("There is no shutdown_command: asking the guest's agent to shut it down...");
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const off = offWithin(machine, limitMs, either);
  off.catch(() => undefined);
  try {
    const refused = agent
      .ask("guest-shutdown", {
        args: { mode: "powerdown" },
        limitMs,
        listenMs: Math.min(LISTEN_MS, limitMs / 2),
        isSilent: true,
        signal: either,
      })
      .then(() => undefined, errorText);
    const isOff = off.then(() => undefined);
    const why = await Promise.race([isOff, refused.then((text) => text ?? isOff)]);
    // An agent that is lost goes off with its machine.
    const isLost = why !== undefined && !agent.isThere() && (await offWithin(machine, GOING_OFF_MS, signal)) !== undefined;
    if (why !== undefined && !isLost) {
      say(`The machine cannot be shut down that way: ${why}`);
      return false;
    }
    requireNotLost(await off, `The guest is not off ${formatDuration(limitMs)} after its agent was asked`, say);
    return true;
  } finally {
    over.abort();
  }
}

async function pressButton(machine: Machine, { limitMs, signal, say }: UntoldOptions): Promise<void> {
  say("There is no shutdown_command: pressing the machine's power button...");
  await machine.qmp.execute("system_powerdown").catch(() => undefined);
  const end = await offWithin(machine, limitMs, signal);
  requireNotLost(end, `The machine does not react to its power button within ${formatDuration(limitMs)}`, say);
}

/** Throws for a machine that was lost; one that stays on is switched off, which is said. */
function requireNotLost(end: MachineEnd | undefined, stillOn: string, say: (text: string) => void): void {
  if (end?.cause === "lost" || end?.cause === "panic") throw lost(end);
  if (end === undefined) say(`${stillOn}: it is switched off, and loses what it has not written to its disk`);
}

function lost({ text, hint }: MachineEnd): BuildError {
  return new BuildError(`the machine was not shut down properly: ${text}`, { hint });
}
