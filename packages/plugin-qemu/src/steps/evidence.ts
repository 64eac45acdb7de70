// What a machine showed last, for the error of a build that failed.
import { join } from "node:path";
import { BuildError, errorText, type StepContext, TspackError } from "@tspack/core/sdk";
import type { Place } from "../place.ts";
import { consoleKey, screenKey } from "./keys.ts";
import { sayWhereItIs } from "./left-on.ts";

export interface EvidenceOptions {
  readonly place: Place;
  readonly context: StepContext;
  /** The lines are said beside the error, which stays as it is. */
  readonly isBeside?: boolean | undefined;
}

/**
 * The error with the last lines of the machine's serial console, or else of its screen while that is in text mode. A picture of the screen
 * is kept, and its path is said (row QM-166).
 */
export async function withEvidence(error: unknown, { place, context, isBeside = false }: EvidenceOptions): Promise<unknown> {
  const { state, ui } = context;
  const screen = state.find(screenKey);
  const picture = await screen?.writePicture(join(place.tracesDirectory, `${place.traceName}-screen`)).catch(() => undefined);
  const console = state.find(consoleKey)?.lastLines() ?? [];
  const rows = console.length > 0 ? [] : ((await screen?.visibleRows().catch(() => undefined)) ?? []).filter((row) => row !== "");
  const lines = [...console, ...rows].slice(-LINES);
  if (picture !== undefined) {
    ui.error(`The screen of the machine at that moment: ${picture}`);
    ui.machine("tspack:file", "screen", picture);
  }
  const quoted = lines.map((line) => `    ${line}`).join("\n");
  const shown = `The machine's ${console.length > 0 ? "console said last" : "screen shows"}:\n${quoted}`;
  if (isBeside && lines.length > 0) ui.error(shown);
  await sayWhereItIs(context);
  if (isBeside || lines.length === 0) return error;
  const { code, hint, option } = TspackError.is(error) ? error : { code: "TPK6001" as const, hint: undefined, option: undefined };
  // Advice would be read as what the console said, if it stood behind that.
  const advice = hint === undefined ? "" : ` ${hint.charAt(0).toUpperCase()}${hint.slice(1).replace(/\.$/, "")}.`;
  return new BuildError(`${errorText(error)}.${advice} ${shown}\n`, { code, option });
}

// --- internal ---

const LINES = 10;
