import type { EventListener } from "@tspack/core";

/** Shows a run to somebody. Takes every event, in order, and never throws. */
export interface Display {
  readonly onEvent: EventListener;
  /** Gives the terminal to somebody else while `body` runs: nothing is drawn meanwhile. */
  pause<T>(body: () => Promise<T>): Promise<T>;
  /** Draws the last of it and leaves the terminal as it was found. */
  close(): Promise<void>;
}

/** A display that only writes lines needs neither a pause nor an end. */
export function lineDisplay(onEvent: EventListener): Display {
  return { onEvent, pause: (body) => body(), async close() {} };
}
