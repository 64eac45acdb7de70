// Waiting for code of the user, which may never come to an end.
import { CancelledError, LoadError } from "@tspack/core";

/** How long to wait, and for what else. */
export interface Limits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** True for a rejection that comes from the program. */
  readonly isOurs: (reason: unknown) => boolean;
}

/**
 * Waits for the program. Rejects with TPK1004 when the time is up, or at once when nothing is left that could settle the promise;
 * with the reason when the program leaves a rejected promise behind that nobody waits for; with a CancelledError on abort.
 */
export async function withinLimits<T>(program: () => Promise<T>, { timeoutMs, signal, isOurs }: Limits): Promise<T> {
  if (signal?.aborted === true) throw new CancelledError();
  const undo: (() => void)[] = [];
  const failure = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => {
      const seconds = Math.round(timeoutMs / 1000);
      reject(neverSettled(`The program was not evaluated within ${seconds === 0 ? `${timeoutMs} ms` : `${seconds} s`}.`));
    }, timeoutMs);
    // The timer alone must not keep the process alive: then `beforeExit` tells that nothing else is going on.
    timer.unref();
    const onIdle = (): void => reject(neverSettled("The program waits for a promise that nothing is going to settle."));
    const onAbort = (): void => reject(new CancelledError());
    const onRejection = (reason: unknown): void => {
      if (isOurs(reason)) reject(reason);
      // Our listening must not hide the mistakes of others: without another listener Node would have raised it.
      else if (process.listenerCount("unhandledRejection") === 1) throw reason;
    };
    process.once("beforeExit", onIdle);
    process.on("unhandledRejection", onRejection);
    signal?.addEventListener("abort", onAbort, { once: true });
    undo.push(
      () => clearTimeout(timer),
      () => process.off("beforeExit", onIdle),
      () => process.off("unhandledRejection", onRejection),
      () => signal?.removeEventListener("abort", onAbort),
    );
  });
  // Nobody waits for it once the program is done.
  failure.catch(() => {});
  try {
    const result = await Promise.race([program(), failure]);
    // Rejections that nobody handles are told after the microtasks: wait for the next turn.
    await Promise.race([new Promise((resolve) => setImmediate(resolve)), failure]);
    return result;
  } finally {
    for (const step of undo) step();
  }
}

function neverSettled(message: string): LoadError {
  return new LoadError(message, {
    code: "TPK1004",
    hint: "Look for an `await` of a promise whose resolve is never called, or of a connection that never closes.",
  });
}
