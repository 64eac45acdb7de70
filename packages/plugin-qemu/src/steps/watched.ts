// Steps while the machine runs: they end when it does, and say what was on its console and screen.
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BuildError, errorText, isCancellation, type Step, type StepContext, TspackError } from "@tspack/core/sdk";
import type { MachineEnd } from "../machine/machine.ts";
import type { Place } from "../place.ts";
import { consoleKey, machineKey, screenKey } from "./keys.ts";
import { sayWhereItIs } from "./left-on.ts";

export interface WatchedOptions {
  readonly place: Place;
  /** What the machine is needed for: `waiting for SSH`. */
  readonly doing: string;
  /**
   * How long the step may go on when the guest powers itself off, in milliseconds: the last provisioner may have asked for it. It ends at
   * once when the machine is lost in another way.
   */
  readonly graceMs?: number | undefined;
  /** The guest is to power itself off when it is done (there is no communicator): the step is over then, and that is no error. */
  readonly mayPowerOff?: boolean | undefined;
}

/**
 * The same step, which ends as soon as the machine does (row QM-174). An error of it carries the last lines of the console, and the path
 * of a picture of the screen (row QM-166).
 */
export function watched(step: Step, { place, doing, graceMs = 0, mayPowerOff = false }: WatchedOptions): Step {
  return {
    ...step,
    async run(context) {
      const machine = context.state.get(machineKey);
      const lost = new AbortController();
      let end: MachineEnd | undefined;
      const done = new AbortController();
      const watching = machine.off.then(async (how) => {
        end = how;
        if (how.cause === "guest" && graceMs > 0) await wait(graceMs, undefined, { signal: done.signal }).catch(() => undefined);
        lost.abort();
      });
      try {
        await step.run({ ...context, signal: AbortSignal.any([context.signal, lost.signal]) });
      } catch (error) {
        if (context.signal.aborted) throw error;
        // A connection breaks a moment before the machine that goes off is off.
        if (end === undefined && isLostConnection(error)) {
          await Promise.race([machine.off, wait(GOING_OFF_MS, undefined, { signal: context.signal }).catch(() => undefined)]);
        }
        if (end?.cause === "guest" && mayPowerOff) {
          context.ui.say(`The guest has powered off, which ends ${doing}`);
          return;
        }
        throw await withEvidence(isCancellation(error) || end !== undefined ? endedError(doing, end, error) : error, place, context);
      } finally {
        done.abort();
        if (end !== undefined) await watching;
      }
    },
  };
}

/** The same step, whose error says what the machine last showed, and which ends the machine itself. */
export function witnessed(step: Step, place: Place): Step {
  return {
    ...step,
    async run(context) {
      try {
        await step.run(context);
      } catch (error) {
        throw context.signal.aborted ? error : await withEvidence(error, place, context);
      }
    },
  };
}

// --- internal ---

const GOING_OFF_MS = 5_000;
const lostConnection = /connection|cannot talk SSH|disconnect|ECONNRE/i;

/** Not for one that never was: there is nothing to wait for. */
function isLostConnection(error: unknown): boolean {
  return lostConnection.test(errorText(error)) && !(TspackError.is(error) && error.code === "TPK5001");
}

function endedError(doing: string, end: MachineEnd | undefined, cause: unknown): unknown {
  if (end === undefined) return cause;
  // That the connection went with the machine says nothing more, and what is advised about connections would mislead.
  const detail = isCancellation(cause) || isLostConnection(cause) ? "" : ` (${errorText(cause)})`;
  return new BuildError(`while ${doing}, ${end.text}${detail}`, {
    hint: end.cause === "guest" ? "the machine has to stay on until its provisioners are done; shutdown_command powers it off" : end.hint,
  });
}

const CONSOLE_LINES = 10;

/** The error with what the machine last showed: on its serial console, or else on its screen. */
async function withEvidence(error: unknown, place: Place, context: StepContext): Promise<unknown> {
  const { state, ui } = context;
  const screen = state.find(screenKey);
  const picture = await screen?.writePicture(join(place.tracesDirectory, `${place.traceName}-screen`)).catch(() => undefined);
  const console = state.find(consoleKey)?.lastLines() ?? [];
  const rows = console.length > 0 ? [] : ((await screen?.visibleRows().catch(() => undefined)) ?? []).filter((row) => row !== "");
  const lines = [...console, ...rows].slice(-CONSOLE_LINES);
  if (picture !== undefined) {
    ui.error(`The screen of the machine at that moment: ${picture}`);
    ui.machine("tspack:file", "screen", picture);
  }
  await sayWhereItIs(context);
  if (lines.length === 0) return error;
  const { code, hint, option } = TspackError.is(error) ? error : { code: "TPK6001" as const, hint: undefined, option: undefined };
  // Advice would be read as what the console said, if it stood behind that.
  const advice = hint === undefined ? "" : ` ${hint.charAt(0).toUpperCase()}${hint.slice(1).replace(/\.$/, "")}.`;
  const quoted = lines.map((line) => `    ${line}`).join("\n");
  const where = console.length > 0 ? "console said last" : "screen shows";
  return new BuildError(`${errorText(error)}.${advice} The machine's ${where}:\n${quoted}\n`, { code, option });
}
