// What a machine showed last, for the error of a build that failed.
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BuildError, errorText, type StepContext, TspackError } from "@tspack/core/sdk";
import type { Screen } from "../console/screen.ts";
import type { Place } from "../place.ts";
import { consoleKey, screenKey } from "./keys.ts";
import { sayWhereItIs } from "./left-on.ts";

export interface EvidenceOptions {
  readonly place: Place;
  readonly context: StepContext;
  /** The lines are said beside the error, which stays as it is. */
  readonly isBeside?: boolean | undefined;
  /** How long QEMU has to show its screen, in milliseconds; 5 s unless given. One that hangs must not keep the build from failing. */
  readonly limitMs?: number | undefined;
}

/**
 * The error with the last lines of the machine's serial console, or else of its screen while that is in text mode. A picture of the screen
 * is kept, and its path is said (row QM-166).
 */
export async function withEvidence(
  error: unknown,
  { place, context, isBeside = false, limitMs = LIMIT_MS }: EvidenceOptions,
): Promise<unknown> {
  const { state, ui, signal } = context;
  const console = state.find(consoleKey)?.lastLines() ?? [];
  const looking = lookAt(state.find(screenKey), join(place.tracesDirectory, `${place.traceName}-screen`), console.length === 0);
  const { picture, rows } = (await inTime(looking, limitMs, signal)) ?? { picture: undefined, rows: [] };
  const lines = [...console, ...rows].slice(-LINES);
  if (picture !== undefined) {
    ui.error(`The screen of the machine at that moment: ${picture}`);
    ui.machine("tspack:file", "screen", picture);
  }
  const quoted = lines.map((line) => `    ${line}`).join("\n");
  const shown = `The machine's ${console.length > 0 ? "console said last" : "screen shows"}:\n${quoted}`;
  if (isBeside && lines.length > 0) ui.error(shown);
  await inTime(sayWhereItIs(context), limitMs, signal);
  if (isBeside || lines.length === 0) return error;
  const { code, hint, option } = TspackError.is(error) ? error : { code: "TPK6001" as const, hint: undefined, option: undefined };
  // Advice would be read as what the console said, if it stood behind that.
  const advice = hint === undefined ? "" : ` ${hint.charAt(0).toUpperCase()}${hint.slice(1).replace(/\.$/, "")}.`;
  return new BuildError(`${errorText(error)}.${advice} ${shown}\n`, { code, option });
}

// --- internal ---

const LINES = 10;
const LIMIT_MS = 5_000;

interface Shown {
  readonly picture: string | undefined;
  /** What stands there in text mode, without empty rows. */
  readonly rows: readonly string[];
}

async function lookAt(screen: Screen | undefined, path: string, readsRows: boolean): Promise<Shown> {
  const picture = await screen?.writePicture(path).catch(() => undefined);
  const rows = readsRows ? await screen?.visibleRows().catch(() => undefined) : undefined;
  return { picture, rows: (rows ?? []).filter((row) => row !== "") };
}

/** What a promise resolves to; undefined when that takes too long, or nobody waits for it any more. */
async function inTime<T>(promise: Promise<T>, limitMs: number, signal: AbortSignal): Promise<T | undefined> {
  const done = new AbortController();
  const late = wait(limitMs, undefined, { signal: AbortSignal.any([signal, done.signal]) }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    done.abort();
    promise.catch(() => undefined);
  }
}
