import { setMaxListeners } from "node:events";
import { CancelledError } from "../diagnostics/error.ts";

/** Throws a cancellation if the signal has aborted. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new CancelledError();
}

/** Calls `stop` when the signal aborts, at once if it has. Returns a function that forgets about it. */
export function onAbort(signal: AbortSignal, stop: () => void): () => void {
  if (signal.aborted) {
    stop();
    return () => {};
  }
  // One signal stops a whole build, so many listeners at once are no leak; Node would warn from the eleventh on.
  setMaxListeners(0, signal);
  signal.addEventListener("abort", stop, { once: true });
  return () => signal.removeEventListener("abort", stop);
}

/** The promise's outcome, or a cancellation as soon as the signal aborts. The work itself goes on: its owner stops it. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // Nobody looks at it any more, and a failure that nobody looks at would end the process.
  if (signal.aborted) promise.catch(() => undefined);
  throwIfAborted(signal);
  let forget = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    forget = onAbort(signal, () => reject(new CancelledError()));
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    forget();
  }
}

/** Waits, and rejects with a cancellation when the signal aborts. */
export async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      forget();
      resolve();
    }, durationMs);
    const forget = onAbort(signal, () => {
      clearTimeout(timer);
      reject(new CancelledError());
    });
  });
}

/** Runs `work`; whatever it fails with after the signal has aborted is a cancellation. */
export async function cancellable<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  }
}
