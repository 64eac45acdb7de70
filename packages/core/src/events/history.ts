import { closeSync, openSync, readSync } from "node:fs";
import type { RunEvent } from "./event.ts";

/** Events kept in memory. What is older is read back from the run's events.ndjson. */
const KEPT_EVENTS = 20_000;
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
  /** Sequence number of the first event kept. */
  #first = 1;
  #ended = false;
  #waiting: (() => void)[] = [];

  push(event: RunEvent): void {
    this.#events.push(event);
    if (this.#events.length > KEPT_EVENTS * 2) {
      this.#events = this.#events.slice(-KEPT_EVENTS);
      this.#first = event.sequence - KEPT_EVENTS + 1;
    }
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

  #wake(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Events of the file from a sequence number on, until memory takes over. */
  *#readFile(from: number): Generator<RunEvent> {
    if (this.file === undefined) return;
    this.file.flush();
    for (const line of linesOf(this.file.path)) {
      const event = JSON.parse(line) as RunEvent;
      if (event.sequence >= from) yield event;
      if (event.sequence + 1 >= this.#first) return;
    }
  }
}

function* linesOf(path: string): Generator<string> {
  const file = openSync(path, "r");
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
