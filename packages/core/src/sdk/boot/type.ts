// Types a parsed boot command (rows BCF-04, 06..09).
import { setTimeout as sleep } from "node:timers/promises";
import { orAborted } from "../../communicator/abort.ts";
import { BuildError, CancelledError } from "../../diagnostics/error.ts";
import { formatDuration } from "../config/duration.ts";
import type { BootAction, KeyAction, ScreenAction } from "./action.ts";
import { type BootKey, needsShift } from "./key.ts";
import type { Keyboard, KeyEvent, ScreenWaits } from "./keyboard.ts";

/** How to type. */
export interface TypeBootOptions {
  readonly signal: AbortSignal;
  /** Milliseconds between two sends; the keyboard's own unless given. Keyboards that do their own pacing ignore it. */
  readonly keyIntervalMs?: number | undefined;
  /** Needed for the tags that wait for the machine. */
  readonly waits?: ScreenWaits | undefined;
  /** Where the commands come from, for errors; `boot_command` unless given. */
  readonly option?: "boot_command" | "boot_steps" | undefined;
}

/** Types boot commands on one keyboard. Keys that a command leaves held stay so for the next one, as in Packer. */
export interface Typist {
  /**
   * Types the actions. Stops between two sends, and in waits, when the signal is aborted (row BCF-09): throws `CancelledError`.
   * Throws TPK6005 when a limit passes without what was waited for, and what the keyboard and the waits throw.
   */
  type(actions: readonly BootAction[]): Promise<void>;
  /** Releases keys that are still held. To be called at any end; takes 2 seconds at most and never throws. */
  release(): Promise<void>;
}

/** Types one boot command, and releases at its end, whatever that is, the keys that it left held. */
export async function typeBootCommand(actions: readonly BootAction[], keyboard: Keyboard, options: TypeBootOptions): Promise<void> {
  const typist = createTypist(keyboard, options);
  try {
    await typist.type(actions);
  } finally {
    await typist.release();
  }
}

/** Makes a typist for several commands, such as the rows of `boot_steps`. Call `release` at the end. */
export function createTypist(keyboard: Keyboard, options: TypeBootOptions): Typist {
  const { signal, option = "boot_command" } = options;
  const held = new Map<string, BootKey>();
  let opened = false;

  async function send(events: readonly KeyEvent[]): Promise<void> {
    signal.throwIfAborted();
    // Kept before sending: what is sent half-way has to be released as well.
    for (const { key, down } of events) if (down) held.set(nameOf(key), key);
    // What the builder gave may hang on a machine that does not answer: here and below neither a cancelled build nor a limit waits for it.
    await orAborted(keyboard.send(events, signal), signal);
    for (const { key, down } of events) if (!down) held.delete(nameOf(key));
    const intervalMs = keyboard.intervalMs === undefined ? 0 : (options.keyIntervalMs ?? keyboard.intervalMs);
    if (intervalMs > 0) await sleep(intervalMs, undefined, { signal });
  }

  async function flush(until: AbortSignal): Promise<void> {
    if (keyboard.flush !== undefined) await orAborted(keyboard.flush(until), until);
  }

  async function press({ key, motion }: KeyAction): Promise<void> {
    if (!opened && keyboard.open !== undefined) await orAborted(keyboard.open(signal), signal);
    opened = true;
    const events = eventsOf(key, motion);
    if (keyboard.strokes === "together") return send(events);
    for (const event of events) await send([event]);
  }

  async function waitForMachine(action: ScreenAction, before: string | undefined): Promise<void> {
    const { waits } = options;
    if (waits === undefined) throw new BuildError(`this builder cannot wait for ${wish(action)}: it does not see the machine's screen`);
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), action.limitMs);
    const both = AbortSignal.any([signal, limit.signal]);
    try {
      await orAborted(waitOn(waits, action, before, both), both);
    } catch (error) {
      if (signal.aborted || !limit.signal.aborted) throw error;
      const message = `the boot command waited ${formatDuration(action.limitMs)} for ${wish(action)}`;
      throw new BuildError(message, { code: "TPK6005", option, hint: LIMIT_HINT });
    } finally {
      clearTimeout(timer);
    }
  }

  async function typeAll(actions: readonly BootAction[]): Promise<void> {
    const last = lastKeysBeforeChange(actions);
    let before: string | undefined;
    for (const [index, action] of actions.entries()) {
      signal.throwIfAborted();
      if (action.kind === "key") {
        if (last.has(index) && options.waits !== undefined) before = await orAborted(options.waits.snapshot(signal), signal);
        await press(action);
        continue;
      }
      await flush(signal);
      if (action.kind === "pause") {
        await sleep(action.durationMs, undefined, { signal });
        continue;
      }
      await waitForMachine(action, before);
      before = undefined;
    }
    await flush(signal);
  }

  return {
    async type(actions) {
      try {
        await typeAll(actions);
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new CancelledError("typing the boot command was cancelled", { cause: error });
      }
    },
    async release() {
      const events = [...held.values()].reverse().map((key) => ({ key, down: false }));
      held.clear();
      const limit = AbortSignal.timeout(RELEASE_LIMIT_MS);
      try {
        for (const group of keyboard.strokes === "together" ? [events] : events.map((event) => [event])) {
          if (group.length > 0) await orAborted(keyboard.send(group, limit), limit);
        }
        if (events.length > 0) await flush(limit);
      } catch {
        // The machine is gone, and its keys with it.
      }
    },
  };
}

// --- internal ---

const RELEASE_LIMIT_MS = 2000;
const LIMIT_HINT = "Look at the machine's screen and console at that moment, and give the tag a longer limit if the machine was only slow.";

const shift: BootKey = { special: "leftShift" };

function nameOf(key: BootKey): string {
  return "special" in key ? key.special : key.character;
}

/**
 * The events of one keystroke (row BCF-07). As in Packer no regard is paid to a shift that is held. (1.6.6 lets go of shift before the
 * character where only that is released; later versions after it.)
 */
function eventsOf(key: BootKey, motion: KeyAction["motion"]): KeyEvent[] {
  const withShift = (down: boolean): KeyEvent[] => (needsShift(key) ? [{ key: shift, down }] : []);
  const [down, up] = [
    { key, down: true },
    { key, down: false },
  ];
  if (motion === "down") return [...withShift(true), down];
  if (motion === "up") return [up, ...withShift(false)];
  return [...withShift(true), down, up, ...withShift(false)];
}

/** Keys right before a wait for a change: a snapshot is taken before them, so that no change is missed, however quick. */
function lastKeysBeforeChange(actions: readonly BootAction[]): ReadonlySet<number> {
  const found = new Set<number>();
  let lastKey: number | undefined;
  for (const [index, action] of actions.entries()) {
    if (action.kind === "key") lastKey = index;
    else if (action.kind === "wait-change" && lastKey !== undefined) found.add(lastKey);
    if (action.kind.startsWith("wait-")) lastKey = undefined;
  }
  return found;
}

async function waitOn(waits: ScreenWaits, action: ScreenAction, before: string | undefined, signal: AbortSignal): Promise<void> {
  if (action.kind === "wait-text") return waits.text(action.text, action.source, signal);
  if (action.kind === "wait-still") return waits.still(action.durationMs, signal);
  return waits.change(before ?? (await waits.snapshot(signal)), signal);
}

function wish(action: ScreenAction): string {
  if (action.kind === "wait-still") return `a screen that stays as it is for ${formatDuration(action.durationMs)}`;
  if (action.kind === "wait-change") return "the screen to change";
  const where = action.source === "serial" ? "on the serial console" : "on the screen or the serial console";
  return `the text ${JSON.stringify(action.text)} ${where}`;
}
