import { PluginError } from "../../diagnostics/error.ts";
import type { Session } from "../transport.ts";

/** What bounds one wait. */
export interface Limit {
  readonly ms: number;
  /** What to say when the time is over. */
  readonly late: string;
  readonly signal?: AbortSignal | undefined;
}

/** Bounds waits by time, by the caller's signal, and by the end of a session. */
export class Limits {
  readonly #session: Session;
  readonly #active = new Set<AbortController>();
  #end: Error | undefined;

  constructor(session: Session) {
    this.#session = session;
    // One listener for all waits: they are many in a session's life.
    void session.closed.then((error) => {
      this.#end = error ?? new PluginError("the connection is closed", { code: "TPK4003" });
      for (const controller of this.#active) controller.abort(this.#end);
    });
  }

  /** Runs the body with a signal that aborts, with the error to report, when the limit is reached. The body must heed it. */
  async within<T>(limit: Limit, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
    limit.signal?.throwIfAborted();
    if (this.#session.isClosed) await this.#session.closed;
    if (this.#end !== undefined) throw this.#end;
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(limit.signal?.reason);
    const timer = setTimeout(() => controller.abort(new PluginError(limit.late, { code: "TPK4004" })), limit.ms);
    limit.signal?.addEventListener("abort", onAbort);
    this.#active.add(controller);
    try {
      return await body(controller.signal);
    } finally {
      clearTimeout(timer);
      limit.signal?.removeEventListener("abort", onAbort);
      this.#active.delete(controller);
    }
  }
}

/** The promise's outcome, or a rejection with the signal's reason if that comes first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
