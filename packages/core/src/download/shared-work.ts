import { CancelledError } from "../diagnostics/error.ts";

/** Work under way that several callers of this process want. */
interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/** Work that is done once for all who want the same at the same time. Nothing of it is kept when it is done. */
export class SharedWork<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /**
   * Takes part in the work of that key, or starts it. Its own signal is aborted when all who wait for it have been cancelled. Throws
   * what the work throws, and a `CancelledError` at once when `signal` aborts.
   */
  async join(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (signal.aborted) throw new CancelledError();
    const flight = this.#flights.get(key) ?? this.#takeOff(key, start);
    flight.waiting++;
    try {
      return await resultOrAbort(flight.result, signal);
    } finally {
      flight.waiting--;
      if (flight.waiting === 0) {
        // Who comes now starts anew, and does not join work that is being cancelled.
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
        flight.controller.abort();
      }
    }
  }

  #takeOff(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const flight: Flight<T> = { result: start(controller.signal), controller, waiting: 0 };
    this.#flights.set(key, flight);
    return flight;
  }
}

// --- internal ---

async function resultOrAbort<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new CancelledError());
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
    // When the wait was given up, its failure interests nobody any more.
    result.catch(() => undefined);
  }
}
