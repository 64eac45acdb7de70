// Attempts that overlap. A connection to a machine that is not up yet is often accepted by something before it, and then stands without a
// word: QEMU's user network asks the guest for it every 13 s only. A new connection is asked for at once.
import { CancelledError } from "../diagnostics/error.ts";
import { onAbort } from "./abort.ts";

/** What an attempt tells. */
export interface AttemptNews {
  /** It is known where the other side is: from now on it may answer. */
  begun(): void;
  /** The other side has said something. */
  answered(): void;
}

/** How attempts are made, and when another one is due. */
export interface OverlapOptions<T> {
  /** Makes an attempt. It tells its news, and ends soon, with nothing left open, when `signal` aborts. */
  attempt(signal: AbortSignal, news: AttemptNews): Promise<T>;
  /** How long nothing may have been heard of an attempt that has begun, in milliseconds, before another one is made. Undefined: there is one attempt. */
  readonly againMs: (() => number) | undefined;
  /** Gives up what an attempt brought that is not wanted any more. */
  discard(value: T): Promise<void>;
  readonly signal: AbortSignal;
}

/** How long an attempt may be silent, at least `leastMs`: a machine that took a minute to come up may take a sixth of that for its first word. */
export function silenceSince(since: number, leastMs: number): () => number {
  return () => Math.max(leastMs, (performance.now() - since) / 6);
}

/**
 * Makes attempts until one is answered, and settles as that one does; the others are given up. There are two at a time: the first one, which
 * stays to its end, so that a slow server has all its time, and the newest. When an attempt fails before any was answered, that is the outcome.
 */
export async function overlap<T>({ attempt, againMs, discard, signal }: OverlapOptions<T>): Promise<T> {
  if (signal.aborted) throw new CancelledError();
  const open = new Map<AbortController, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let forget = (): void => {};
  let chosen: AbortController | undefined;
  const choose = (stop: AbortController): void => {
    if (chosen !== undefined) return;
    chosen = stop;
    clearTimeout(timer);
    for (const other of open.keys()) if (other !== stop) other.abort();
  };
  try {
    return await new Promise<T>((resolve, reject) => {
      const waitForAnswer = (): void => {
        if (againMs === undefined || chosen !== undefined || signal.aborted) return;
        clearTimeout(timer);
        timer = setTimeout(() => {
          const [, newest] = [...open.keys()].filter((stop) => !stop.signal.aborted);
          newest?.abort();
          begin();
        }, againMs());
      };
      const begin = (): void => {
        const stop = new AbortController();
        const made = attempt(stop.signal, { begun: waitForAnswer, answered: () => choose(stop) }).then(
          async (value) => {
            // One that was given up may have come so far in the same moment.
            if (stop.signal.aborted) return discard(value);
            choose(stop);
            resolve(value);
          },
          (error: unknown) => {
            // One that was given up has nothing to say.
            if (!stop.signal.aborted) choose(stop);
            if (chosen === stop) reject(error);
          },
        );
        open.set(
          stop,
          made.finally(() => open.delete(stop)),
        );
      };
      forget = onAbort(signal, () => {
        clearTimeout(timer);
        for (const stop of open.keys()) stop.abort();
        reject(new CancelledError());
      });
      begin();
    });
  } finally {
    clearTimeout(timer);
    forget();
    await Promise.all(open.values());
  }
}
