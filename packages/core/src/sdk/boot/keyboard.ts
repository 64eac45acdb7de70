import type { BootKey } from "./key.ts";

/** A key goes down or up. */
export interface KeyEvent {
  readonly key: BootKey;
  readonly down: boolean;
}

/**
 * What a boot command is typed on. Ready ones: `connectVnc`, `qmpKeyboard`, `scancodeKeyboard`, `usbKeyboard`. Calls are made one
 * after the other. Who opened a connection for it closes that.
 */
export interface Keyboard {
  /** Called before the first key: finds out what the two below are. */
  open?(signal: AbortSignal): Promise<void>;
  /**
   * `separate`: each event is sent by itself, and the interval follows each. `together`: the events of one keystroke, shift
   * included, are sent at once, and the interval follows the keystroke.
   */
  readonly strokes: "separate" | "together";
  /** Milliseconds between two sends unless the user gives `boot_key_interval`. Undefined: the keyboard does its own pacing. */
  readonly intervalMs: number | undefined;
  /**
   * Sends events in order; resolves when the machine (or what stands before it) has taken them. Keys that it does not have are
   * left out. Throws when the machine cannot be reached any more.
   */
  send(events: readonly KeyEvent[], signal: AbortSignal): Promise<void>;
  /** For keyboards that collect: sends what is left. Called before every wait and at the end (row BCF-06). */
  flush?(signal: AbortSignal): Promise<void>;
}

/** How a builder shows the machine's screen and console to a boot command. Calls are made one after the other. */
export interface ScreenWaits {
  /**
   * Resolves when the text is there: on the screen in text mode (`any` only), or in what the serial console has printed behind the
   * last text that was found there. Rejects with the signal's reason when that is aborted.
   */
  text(text: string, source: "serial" | "any", signal: AbortSignal): Promise<void>;
  /** Resolves when the screen has not changed for that many milliseconds. */
  still(durationMs: number, signal: AbortSignal): Promise<void>;
  /** What is on the screen now, as a text that differs for different pictures (a digest). */
  snapshot(signal: AbortSignal): Promise<string>;
  /** Resolves when the screen shows something else than `snapshot`. */
  change(snapshot: string, signal: AbortSignal): Promise<void>;
}
