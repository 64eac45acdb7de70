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
  readonly #active = new Set<(error: unknown) => void>();
  #end: Error | undefined;

  constructor(session: Session) {
    // One listener for all waits: they are many in a session's life.
    void session.closed.then((error) => {
      this.#end = error ?? new PluginError("the connection is closed", { code: "TPK4003" });
      for (const fail of [...this.#active]) fail(this.#end);
    });
  }

  /**
   * Calls `fail` once, and never before this returns, when the limit is reached, with the error to report. What it returns ends the
   * wait without that. Plain functions and no signal of its own: a command on a machine waits some five times.
   */
  watch({ ms, late, signal }: Limit, fail: (error: unknown) => void): () => void {
    const stop = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      this.#active.delete(end);
    };
    const end = (error: unknown): void => {
      if (!this.#active.has(end)) return;
      stop();
      fail(error);
    };
    const onAbort = (): void => end(signal?.reason);
    const timer = setTimeout(() => end(new PluginError(late, { code: "TPK4004" })), ms);
    this.#active.add(end);
    if (signal?.aborted === true) queueMicrotask(onAbort);
    else signal?.addEventListener("abort", onAbort);
    // A session that ends from now on tells all waits.
    if (this.#end !== undefined) queueMicrotask(() => end(this.#end));
    return stop;
  }
}
