// A machine that gets nowhere is told about while it is waited for (row QM-198).
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { formatDuration, type Step, type StepContext } from "@tspack/core/sdk";
import * as z from "zod";
import type { Screen } from "../console/screen.ts";
import type { Machine } from "../machine/machine.ts";
import type { Qmp } from "../machine/qmp.ts";
import { guestTraffic } from "../network/guest-traffic.ts";
import type { Place } from "../place.ts";
import { consoleKey, machineKey, screenKey } from "./keys.ts";

/** When a machine counts as standing still, in milliseconds. */
export interface StandstillLimits {
  /** How long nothing has to move. */
  readonly limitMs: number;
  /** How often it is looked. */
  readonly lookMs: number;
}

/** Long enough for the slow parts of an installation, and a look that costs nothing beside a running machine. */
const usual: StandstillLimits = { limitMs: 5 * 60_000, lookMs: 30_000 };

/**
 * The same step, which says so when nothing moves in the machine for some minutes: no byte on its serial console, no change of its screen,
 * no access to its disks, nothing over connections that it has opened on QEMU's user network. That is no error, and is said again only when
 * something has moved in between. A picture of the screen is kept.
 */
export function hinted(step: Step, { tracesDirectory, traceName }: Place, limits: StandstillLimits = usual): Step {
  return {
    ...step,
    async run(context) {
      const done = new AbortController();
      const picture = join(tracesDirectory, `${traceName}-still`);
      // A look that is under way when the step ends says nothing any more, and nobody has to wait for it.
      void watch(context, picture, limits, AbortSignal.any([context.signal, done.signal])).catch(() => undefined);
      try {
        await step.run(context);
      } finally {
        done.abort();
      }
    },
  };
}

// --- internal ---

/** A cursor that blinks brings back what was shown before: so many pictures are known, and none of them counts as a change. */
const KNOWN_PICTURES = 8;
/** Before anything is said it is looked more closely, for as long as a cursor takes to blink (0.53 s on QEMU's PC). */
const CLOSE_LOOKS = 6;
const CLOSE_LOOK_MS = 110;

/** Looks until the signal aborts, with which it rejects. */
async function watch(context: StepContext, picture: string, { limitMs, lookMs }: StandstillLimits, signal: AbortSignal): Promise<void> {
  const signs = new SignsOfLife(context);
  let since = performance.now();
  let count = 0;
  let isSaid = false;
  try {
    for (let closeLooks = 0; ; ) {
      if (await signs.haveChanged()) {
        since = performance.now();
        isSaid = false;
        closeLooks = 0;
      } else if (!isSaid && performance.now() - since >= limitMs && closeLooks++ >= CLOSE_LOOKS) {
        isSaid = true;
        closeLooks = 0;
        await tell(context, `${picture}-${++count}`, limitMs, signal);
      }
      await wait(closeLooks > 0 ? CLOSE_LOOK_MS : lookMs, undefined, { signal });
    }
  } finally {
    signs.close();
  }
}

async function tell({ state, ui }: StepContext, picture: string, limitMs: number, signal: AbortSignal): Promise<void> {
  const file = await state
    .find(screenKey)
    ?.writePicture(picture)
    .catch(() => undefined);
  signal.throwIfAborted();
  const line = state.find(consoleKey)?.lastLines().at(-1);
  ui.say(
    `Nothing has moved in the machine for ${formatDuration(limitMs)}: not on its screen, its serial console or its disks. ` +
      `${line === undefined ? "Its console has said nothing." : `Its console said last: ${line}`}${file === undefined ? "" : `\nIts screen: ${file}`}`,
  );
  if (file !== undefined) ui.machine("tspack:file", "screen", file);
}

/** What shows that a guest does something. */
class SignsOfLife {
  readonly #machine: Machine;
  readonly #screen: Screen | undefined;
  readonly #pictures: string[] = [];
  #work = "";
  #hasPrinted = true;

  constructor({ state }: StepContext) {
    this.#machine = state.get(machineKey);
    this.#screen = state.find(screenKey);
    this.#machine.serial?.on("data", this.#onData);
  }

  /** Whether something is new since the last time this was asked. */
  async haveChanged(): Promise<boolean> {
    const shown = (await this.#screen?.digest().catch(() => undefined)) ?? "";
    const isNew = !this.#pictures.includes(shown);
    if (isNew && this.#pictures.push(shown) > KNOWN_PICTURES) this.#pictures.shift();
    const { qmp } = this.#machine;
    const work = `${await diskAccesses(qmp)} ${await guestTraffic(qmp)}`;
    const hasMoved = isNew || work !== this.#work || this.#hasPrinted;
    this.#work = work;
    this.#hasPrinted = false;
    return hasMoved;
  }

  close(): void {
    this.#machine.serial?.off("data", this.#onData);
  }

  readonly #onData = (): void => {
    this.#hasPrinted = true;
  };
}

const statsSchema = z.array(z.object({ stats: z.object({ rd_operations: z.number(), wr_operations: z.number() }) }));

/** Changes with every access of the guest to a disk or a CD. */
async function diskAccesses(qmp: Qmp): Promise<string> {
  const stats = statsSchema.safeParse(await qmp.execute("query-blockstats").catch(() => undefined));
  return (stats.data ?? []).map(({ stats: { rd_operations, wr_operations } }) => `${rd_operations} ${wr_operations}`).join();
}
