// Progress where there is no live display: what takes long says now and then how far it is, so that nobody takes it for stuck.
import type { RunEvent } from "./event.ts";
import { shortSize } from "./short-size.ts";

/** Nobody asks before this time, in milliseconds. */
const FIRST_MS = 10_000;
/** Between two lines about the same work, in milliseconds. */
const NEXT_MS = 30_000;

/** Follows the progress of a run. It goes by the times of the events and has no clock of its own. Feed it every event, in order. */
export class SlowProgress {
  /** When the next line about a piece of work is due, by its id. */
  readonly #due = new Map<number, number>();

  /** What there is to say after an event: `disk.iso: 28 % of 29.0 MB`. Nothing for work that is quick. */
  textOf(event: RunEvent): string | undefined {
    if (event.kind !== "progress") return undefined;
    const due = this.#due.get(event.id);
    if (event.finished) this.#due.delete(event.id);
    else if (due === undefined) this.#due.set(event.id, event.time + FIRST_MS);
    else if (event.time >= due) {
      this.#due.set(event.id, event.time + NEXT_MS);
      return `${event.label}: ${amount(event)}`;
    }
    return undefined;
  }
}

// --- internal ---

function amount({ doneBytes, totalBytes = 0 }: RunEvent & { readonly kind: "progress" }): string {
  if (totalBytes <= 0) return shortSize(doneBytes);
  return `${Math.floor(Math.min(1, doneBytes / totalBytes) * 100)} % of ${shortSize(totalBytes)}`;
}
