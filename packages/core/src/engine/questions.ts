import { CancelledError, TspackError } from "../diagnostics/error.ts";
import type { EventBus, EventSource } from "../events/bus.ts";
import type { Answerer } from "./run-options.ts";

/**
 * Asks the user, one question at a time, whichever builds want to know something. Questions and answers are events; the answer
 * itself comes from the run's `Answerer`.
 */
export class Questions {
  readonly #bus: EventBus;
  readonly #answer: Answerer | undefined;
  readonly #cancelled: AbortSignal;
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  /** After `cancelled` aborts, every question fails (row OUT-10). */
  constructor(bus: EventBus, answer: Answerer | undefined, cancelled: AbortSignal) {
    this.#bus = bus;
    this.#answer = answer;
    this.#cancelled = cancelled;
  }

  /** Waits for its turn, then for the answer. Throws `TPK6010` where nobody can answer, a cancellation on abort. */
  ask(
    text: string,
    source: EventSource,
    options: { readonly signal: AbortSignal; readonly choices?: readonly string[] | undefined },
  ): Promise<string> {
    const turn = this.#last.then(() => this.#askNow(text, source, AbortSignal.any([options.signal, this.#cancelled]), options.choices));
    this.#last = turn.catch(() => {
      // The one who asked hears of it; the next question is not concerned.
    });
    return turn;
  }

  async #askNow(text: string, source: EventSource, signal: AbortSignal, choices: readonly string[] | undefined): Promise<string> {
    if (signal.aborted) throw new CancelledError("cancelled while waiting to ask a question");
    if (this.#answer === undefined) {
      throw new TspackError(`nobody is there to answer: ${text}`, {
        code: "TPK6010",
        hint: "Run in a terminal, or without options that ask (-debug, -on-error=ask).",
      });
    }
    const id = ++this.#count;
    this.#bus.emit({ kind: "question", id, text, choices }, source);
    try {
      const answer = await orAbort(this.#answer({ build: source.build, text, choices }, signal), signal);
      this.#bus.emit({ kind: "answer", id, text: answer }, source);
      return answer;
    } catch (error) {
      if (signal.aborted) throw new CancelledError("cancelled while waiting for an answer", { cause: error });
      throw new TspackError("the question could not be asked", { code: "TPK6010", cause: error });
    }
  }
}

/** The promise's outcome, or a rejection as soon as the signal aborts. */
async function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new CancelledError());
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
  }
}
