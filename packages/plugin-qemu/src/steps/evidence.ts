// What a machine showed last, for the error of a build that failed.
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BuildError, errorText, httpAskedKey, type StepContext, TspackError } from "@tspack/core/sdk";
import { isProcessorComplaint, processorAdvice } from "../console/processor.ts";
import type { Screen } from "../console/screen.ts";
import type { Place } from "../place.ts";
import { consoleKey, processorKey, screenKey } from "./keys.ts";
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
 * is kept, and its path is said (row QM-166), as is what the machine asked the HTTP server for. Where they say that the processor is too old for the guest, the error does, too.
 */
export async function withEvidence(
  error: unknown,
  { place, context, isBeside = false, limitMs = LIMIT_MS }: EvidenceOptions,
): Promise<unknown> {
  const { state, ui, signal } = context;
  const console = state.find(consoleKey)?.lastLines() ?? [];
  const looking = lookAt(state.find(screenKey), join(place.tracesDirectory, `${place.traceName}-screen`));
  const { picture, rows } = (await inTime(looking, limitMs, signal)) ?? { picture: undefined, rows: [] };
  const lines = (console.length > 0 ? console : rows).slice(-LINES);
  if (picture !== undefined) {
    ui.error(`The screen of the machine at that moment: ${picture}`);
    ui.machine("tspack:file", "screen", picture);
  }
  // An installer that waits for its answers: did it ask for them, and by their name?
  const asked = state.find(httpAskedKey);
  if (!isBeside && asked !== undefined) ui.error(String(asked));
  const quoted = lines.map((line) => `    ${line}`).join("\n");
  const shown = `The machine's ${console.length > 0 ? "console said last" : "screen shows"}:\n${quoted}`;
  const complaint = state.find(consoleKey)?.processorComplaint() ?? rows.find(isProcessorComplaint);
  const processor = state.find(processorKey);
  const tooOld = complaint === undefined || processor === undefined ? undefined : { complaint, advice: processorAdvice(processor) };
  if (isBeside && lines.length > 0) ui.error(shown);
  if (isBeside && tooOld !== undefined) ui.error(`The machine's processor is too old for its system: ${tooOld.advice}`);
  await inTime(sayWhereItIs(context, place), limitMs, signal);
  if (isBeside || lines.length === 0) return error;
  const { code, hint, option } = TspackError.is(error) ? error : { code: "TPK6001" as const, hint: undefined, option: undefined };
  const why =
    tooOld === undefined ? "" : `. The machine's processor is too old for its system, which said ${JSON.stringify(tooOld.complaint)}`;
  const told = `${errorText(error)}${why}.${sentence(tooOld?.advice ?? hint)} ${shown}\n`;
  return new BuildError(told, { code, option: tooOld === undefined ? option : "cpu_model" });
}

// --- internal ---

const LINES = 10;
const LIMIT_MS = 5_000;

interface Shown {
  readonly picture: string | undefined;
  /** What stands there in text mode, without empty rows. */
  readonly rows: readonly string[];
}

/** Advice as a sentence. It would be read as what the console said, if it stood behind that. */
function sentence(advice: string | undefined): string {
  return advice === undefined ? "" : ` ${advice.charAt(0).toUpperCase()}${advice.slice(1).replace(/\.$/, "")}.`;
}

async function lookAt(screen: Screen | undefined, path: string): Promise<Shown> {
  const picture = await screen?.writePicture(path).catch(() => undefined);
  const rows = await screen?.visibleRows().catch(() => undefined);
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
