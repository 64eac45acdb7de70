import { withExcerpt } from "../diagnostics/excerpt.ts";
import { LONGEST_LINE } from "../sdk/line-writer.ts";
import type { EventBody, EventHeader, EventListener, RunEvent } from "./event.ts";
import { EventHistory } from "./history.ts";
import type { Redactor } from "./redact.ts";

/** Where an event comes from; time and sequence are the bus's. */
export type EventSource = Pick<EventHeader, "build" | "component" | "phase">;

/** No more than this waits for the rest of a secret, even if it looks like one secret after the other. */
const MOST_HELD = 4 * LONGEST_LINE;

/**
 * The one stream of everything that happens in a run. Events get a time and a gapless number, are redacted, and go to every
 * listener, in order, before the next one is looked at. Nothing sees an event that was not redacted.
 */
export class EventBus {
  readonly redactor: Redactor;
  readonly history = new EventHistory();
  readonly #listeners: EventListener[] = [];
  readonly #queue: RunEvent[] = [];
  /** Ends of cut output lines that may be the beginning of a secret, by stream. */
  readonly #held = new Map<string, { readonly source: EventSource; readonly stream: "stdout" | "stderr"; readonly text: string }>();
  #sequence = 0;
  #delivering = false;
  #ended = false;

  constructor(redactor: Redactor) {
    this.redactor = redactor;
  }

  /** Adds a listener for what comes from now on. A listener that throws is dropped, so that it cannot stop the run. */
  listen(listener: EventListener): void {
    this.#listeners.push(listener);
  }

  emit(body: EventBody, source: EventSource = {}): void {
    if (this.#ended) return;
    if (body.kind === "output") {
      const text = this.#joinCutLine(body.text, body.stream, source);
      if (text !== undefined) this.#enqueue({ ...body, text }, source);
      return;
    }
    if (this.#held.size > 0 && (body.kind === "step-finished" || body.kind === "build-finished" || body.kind === "run-finished")) {
      this.#releaseHeld(source.build);
    }
    // Before redaction, so that no secret in the user's file gets out with the lines around a place.
    this.#enqueue(body.kind === "diagnostic" ? { ...body, diagnostic: withExcerpt(body.diagnostic) } : body, source);
  }

  /** The last event was emitted. */
  end(): void {
    this.#ended = true;
    this.history.end();
  }

  // --- internal ---

  #enqueue(body: EventBody, source: EventSource): void {
    const event: RunEvent = { time: Date.now(), sequence: ++this.#sequence, ...source, ...body };
    this.#queue.push(this.redactor.event(event));
    if (this.#delivering) return;
    // A listener may cause another event; that one waits until all have seen this one.
    this.#delivering = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#deliver(next);
    } finally {
      this.#delivering = false;
    }
  }

  #deliver(event: RunEvent): void {
    this.history.push(event);
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.#listeners.splice(this.#listeners.indexOf(listener), 1);
        const text = `a listener of events failed and gets no more: ${error instanceof Error ? error.message : String(error)}`;
        this.emit({ kind: "log", level: "error", source: "events", text });
      }
    }
  }

  /** A secret may be cut where a long line was cut: its possible beginning waits for the next piece of the same stream. */
  #joinCutLine(text: string, stream: "stdout" | "stderr", source: EventSource): string | undefined {
    const isCut = text.length >= LONGEST_LINE;
    if (this.#held.size === 0 && !isCut) return text;
    const key = `${source.build ?? ""}\0${source.phase ?? ""}\0${source.component?.type ?? ""}\0${source.component?.index ?? ""}\0${stream}`;
    const joined = (this.#held.get(key)?.text ?? "") + text;
    this.#held.delete(key);
    if (!isCut || joined.length > MOST_HELD) return joined;
    const open = this.redactor.openTail(joined);
    if (open === 0) return joined;
    this.#held.set(key, { source, stream, text: joined.slice(joined.length - open) });
    return open === joined.length ? undefined : joined.slice(0, joined.length - open);
  }

  #releaseHeld(build: string | undefined): void {
    for (const [key, held] of this.#held) {
      if (build !== undefined && held.source.build !== build) continue;
      this.#held.delete(key);
      this.#enqueue({ kind: "output", stream: held.stream, text: held.text }, held.source);
    }
  }
}
