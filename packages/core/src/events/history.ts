import { closeSync, openSync, readSync } from "node:fs";
import type { RunEvent } from "./event.ts";

/** Most events, and most characters in them, kept in memory. What is older is read back from the run's events.ndjson. */
const KEPT_EVENTS = 40_000;
const KEPT_CHARACTERS = 32 * 1024 * 1024;
/** What an event without a long text takes, roughly. */
const EVENT_CHARACTERS = 200;
const READ_CHUNK_BYTES = 64 * 1024;

/** The file that holds the events too old for memory. */
export interface EventFile {
  readonly path: string;
  /** Writes out what is buffered. */
  flush(): void;
}

/**
 * All events of a run, for readers that come at any time. Memory is bounded: the newest events are kept, older ones come from the
 * run's file. Without a file (`runsDirectory: false`) late readers of a very long run begin with the oldest event still kept.
 */
export class EventHistory {
  /** Called before old events leave memory. Undefined: there is no file, they are gone. */
  file: EventFile | undefined;
  #events: RunEvent[] = [];
  #characters = 0;
  /** Sequence number of the first event kept. */
  #first = 1;
  #ended = false;
  #waiting: (() => void)[] = [];

  push(event: RunEvent): void {
    this.#events.push(event);
    this.#characters += sizeOf(event);
    if (this.#events.length > KEPT_EVENTS || this.#characters > KEPT_CHARACTERS) this.#forgetOldest();
    this.#wake();
  }

  /** No event follows. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Every event from the first one on, then new ones as they come. */
  async *read(): AsyncGenerator<RunEvent, void, undefined> {
    let next = 1;
    for (;;) {
      if (next < this.#first) {
        for (const event of this.#readFile(next)) {
          yield event;
          next = event.sequence + 1;
        }
        next = Math.max(next, this.#first);
      }
      const event = this.#events[next - this.#first];
      if (event !== undefined) {
        next++;
        yield event;
      } else if (this.#ended) return;
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Down to half of what is allowed, so that this is rare. */
  #forgetOldest(): void {
    let dropped = 0;
    for (const event of this.#events) {
      if (this.#events.length - dropped <= KEPT_EVENTS / 2 && this.#characters <= KEPT_CHARACTERS / 2) break;
      this.#characters -= sizeOf(event);
      dropped++;
    }
    this.#events = this.#events.slice(dropped);
    this.#first += dropped;
  }

  #wake(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Events of the file from a sequence number on, until memory takes over. */
  *#readFile(from: number): Generator<RunEvent> {
    if (this.file === undefined) return;
    for (const line of linesOf(this.file)) {
      const event = JSON.parse(line) as RunEvent;
      if (event.sequence >= from) yield event;
      if (event.sequence + 1 >= this.#first) return;
    }
  }
}

/** Whole lines of the file; none where it could not be written or is gone. */
function* linesOf(from: EventFile): Generator<string> {
  let file: number;
  try {
    from.flush();
    file = openSync(from.path, "r");
  } catch {
    // That the file is incomplete was said when writing failed.
    return;
  }
  try {
    const chunk = Buffer.alloc(READ_CHUNK_BYTES);
    const decoder = new TextDecoder();
    let rest = "";
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
      const lines = (rest + decoder.decode(chunk.subarray(0, length), { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    closeSync(file);
  }
}

function sizeOf(event: RunEvent): number {
  return EVENT_CHARACTERS + ("text" in event ? event.text.length : 0);
}
