import * as z from "zod";
import { parseDuration } from "../config/duration.ts";
import { duration, textList } from "../config/options.ts";

/**
 * The options of typing at boot (rows BCF-01..04), for builders to spread into their schema. The template strings of `boot_command`
 * are rendered by the builder (`renderBootCommand`): name it in `renderLater`.
 */
export function bootCommandOptions() {
  return {
    boot_command: textList()
      .optional()
      .describe(
        "What to type when the machine has started: texts, keys such as `<enter>`, and waits such as `<wait5>`. Joined as they are.",
      ),
    boot_wait: duration()
      .prefault("10s")
      .describe("How long to wait after the start before anything is typed. A negative value means not at all; 0 means the default."),
    boot_key_interval: duration()
      .optional()
      .describe(
        "Time between key events; also `PACKER_KEY_INTERVAL`. What is not longer than zero means the default of the way of typing.",
      ),
    boot_keygroup_interval: duration().optional().describe("Time between groups of scan codes, for builders that type in such groups."),
  };
}

/** `boot_steps`, for builders that have it (row QM-48). To be named in `renderLater` as well. */
export function bootStepsOptions() {
  return {
    boot_steps: z
      .array(textList().min(1).max(2))
      .optional()
      .describe(
        "Instead of `boot_command`: a list of steps, each a boot command and, where wanted, a description that is shown before it.",
      ),
  };
}

/** `disable_vnc`, for builders that type over VNC (row BCF-05). */
export function vncBootOptions() {
  return {
    disable_vnc: z.boolean().default(false).describe("Do without VNC. Nothing can be typed then."),
  };
}

/** The parsed options, as far as a builder has them. */
export interface BootCommandConfig {
  readonly boot_command?: readonly string[] | undefined;
  readonly boot_steps?: readonly (readonly string[])[] | undefined;
  readonly boot_wait?: number | undefined;
  readonly boot_key_interval?: number | undefined;
  readonly boot_keygroup_interval?: number | undefined;
  readonly disable_vnc?: boolean | undefined;
}

/** The times that the options give, in milliseconds. */
export interface BootTiming {
  readonly bootWaitMs: number;
  /** For `TypeBootOptions`; undefined: the keyboard's own. */
  readonly keyIntervalMs: number | undefined;
  /** For `scancodeKeyboard`; undefined: the builder's own. */
  readonly groupIntervalMs: number | undefined;
}

/** Reads the times off the options, and `PACKER_KEY_INTERVAL` (row ENV-11), which the option overrides, off the run's environment. */
export function bootTiming(config: BootCommandConfig, environment: { readonly [name: string]: string | undefined }): BootTiming {
  const positive = (value: number | undefined): number | undefined => (value !== undefined && value > 0 ? value : undefined);
  const inherited = parseDuration(environment.PACKER_KEY_INTERVAL ?? "");
  const otherwise = inherited === undefined ? undefined : Math.max(0, inherited);
  return {
    // As in Packer 1.6.6, zero cannot be told from nothing there and gives the default; a negative value means no wait.
    bootWaitMs: Math.max(0, config.boot_wait || DEFAULT_BOOT_WAIT_MS),
    keyIntervalMs: positive(config.boot_key_interval) ?? otherwise,
    groupIntervalMs: positive(config.boot_keygroup_interval) ?? otherwise,
  };
}

// --- internal ---

const DEFAULT_BOOT_WAIT_MS = 10_000;
