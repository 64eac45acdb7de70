// Waiting for code of the user, which may never come to an end.
import { CancelledError, LoadError } from "@tspack/core";
import { watchProcess } from "./process-watch.ts";

/** How long to wait, and for what else. */
export interface Limits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** True for an error that comes from the program. */
  readonly isOurs: (error: unknown) => boolean;
}

/**
 * Waits for the program. Rejects with TPK1004 when the time is up, or at once when nothing is left that could settle the promise;
 * with the error when the program throws in a callback or leaves a rejected promise behind; with a CancelledError on abort.
 */
export async function withinLimits<T>(program: () => Promise<T>, { timeoutMs, signal, isOurs }: Limits): Promise<T> {
  if (signal?.aborted === true) throw new CancelledError();
  const undo: (() => void)[] = [];
  const failure = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => {
      const limit = timeoutMs < 1000 ? `${timeoutMs} ms` : `${Math.round(timeoutMs / 1000)} s`;
      reject(neverSettled(`The program was not evaluated within ${limit}.`));
    }, timeoutMs);
    // The timer alone must not keep the process alive: then it could not be told that nothing else is going on.
    timer.unref();
    const onAbort = (): void => reject(new CancelledError());
    signal?.addEventListener("abort", onAbort, { once: true });
    undo.push(
      () => clearTimeout(timer),
      () => signal?.removeEventListener("abort", onAbort),
      watchProcess({
        onStrayError: (error) => {
          const taken = isOurs(error);
          if (taken) reject(error);
          return taken;
        },
        onIdle: () => reject(neverSettled("The program waits for a promise that nothing is going to settle.")),
      }),
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
