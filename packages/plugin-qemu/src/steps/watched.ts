// Steps while the machine runs: they end when it does, and say what was on its console and screen.
import { setTimeout as wait } from "node:timers/promises";
import { BuildError, errorText, isCancellation, type Step, TspackError } from "@tspack/core/sdk";
import type { MachineEnd } from "../machine/machine.ts";
import { offWithin } from "../machine/off-within.ts";
import type { Place } from "../place.ts";
import { withEvidence } from "./evidence.ts";
import { machineKey } from "./keys.ts";

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
  /** What fails may be none of the machine's doing (a provisioner's script): what it showed is said beside the error then. */
  readonly failsForOthers?: boolean | undefined;
}

/**
 * The same step, which ends as soon as the machine does (row QM-174). An error of it carries the last lines of the console, and the path
 * of a picture of the screen (row QM-166).
 */
export function watched(step: Step, { place, doing, graceMs = 0, mayPowerOff = false, failsForOthers = false }: WatchedOptions): Step {
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
        // A connection breaks before the machine that goes off is off.
        if (end === undefined && isLostConnection(error)) {
          await offWithin(machine, SHUTTING_DOWN_MS, context.signal).catch(() => undefined);
        }
        if (end?.cause === "guest" && mayPowerOff) {
          context.ui.say(`The guest has powered off, which ends ${doing}`);
          return;
        }
        const isAboutMachine = isCancellation(error) || end !== undefined;
        const told = isAboutMachine ? endedError(doing, end, lost.signal.aborted ? undefined : error) : error;
        throw await withEvidence(told, { place, context, isBeside: failsForOthers && !isAboutMachine });
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
        throw context.signal.aborted ? error : await withEvidence(error, { place, context });
      }
    },
  };
}

// --- internal ---

/** Between the end of its SSH server and its own a system ends whatever else runs, which takes an emulated one its time: at most so long, in milliseconds. */
const SHUTTING_DOWN_MS = 20_000;

const lostConnection = /connection|cannot talk SSH|disconnect|ECONNRE/i;

/** Not for one that never was: there is nothing to wait for. */
function isLostConnection(error: unknown): boolean {
  return lostConnection.test(errorText(error)) && !(TspackError.is(error) && error.code === "TPK5001");
}

/** `cause` is what the step failed with by itself; nothing where the machine's end has stopped it. */
function endedError(doing: string, end: MachineEnd | undefined, cause: unknown): unknown {
  if (end === undefined) return cause;
  // That the connection went with the machine says nothing more, and what is advised about connections would mislead.
  const detail = cause === undefined || isCancellation(cause) || isLostConnection(cause) ? "" : ` (${errorText(cause)})`;
  return new BuildError(`while ${doing}, ${end.text}${detail}`, {
    hint: end.cause === "guest" ? "the machine has to stay on until its provisioners are done; shutdown_command powers it off" : end.hint,
    option: end.option,
  });
}
