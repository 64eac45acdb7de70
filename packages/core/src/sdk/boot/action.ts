import type { BootKey } from "./key.ts";

/** Offsets in the text, in UTF-16 units; `end` is exclusive. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** One thing that a boot command does. `at` is where the text says so. */
export type BootAction = KeyAction | PauseAction | ScreenAction;

/** A key is pressed and released (`tap`), or only one of these (rows BOOT-01..06, 10, 11). */
export interface KeyAction {
  readonly kind: "key";
  readonly key: BootKey;
  readonly motion: "tap" | "down" | "up";
  readonly at: Stretch;
}

/** Time passes (rows BOOT-07..09). */
export interface PauseAction {
  readonly kind: "pause";
  readonly durationMs: number;
  readonly at: Stretch;
}

/** The machine is waited for, no longer than `limitMs`. Ours: only where extensions are on. */
export type ScreenAction =
  | { readonly kind: "wait-text"; readonly text: string; readonly source: TextSource; readonly limitMs: number; readonly at: Stretch }
  | { readonly kind: "wait-still"; readonly durationMs: number; readonly limitMs: number; readonly at: Stretch }
  | { readonly kind: "wait-change"; readonly limitMs: number; readonly at: Stretch };

/** Where a text is looked for: on the serial console, or there and on the screen in text mode. */
export type TextSource = "serial" | "any";

/** Something in a boot command that is wrong (`error`), or typed as it stands although it looks like a tag (`warning`). */
export interface BootProblem {
  readonly severity: "error" | "warning";
  /** A clause without a period, which begins in lower case. */
  readonly message: string;
  readonly hint?: string | undefined;
  readonly at: Stretch;
}
