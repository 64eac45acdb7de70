// Attempts that overlap. A connection to a machine that is not up yet is often accepted by something before it (QEMU's user network, a load
// balancer), and then stands without a word: what it stands for is repeated at ever longer intervals. A new connection gets through at once.
import { CancelledError } from "../../diagnostics/error.ts";
import { onAbort } from "./abort.ts";

export interface OverlapOptions<T> {
  /** Makes an attempt. It calls `answered` when the other side has said something, and ends soon, with nothing left open, when `signal` aborts. */
  attempt(signal: AbortSignal, answered: () => void): Promise<T>;
  /** How long nothing may have been heard, in milliseconds, before another attempt begins. */
  readonly againMs: number;
  /** How many may be under way at a time. With 1 there is one attempt in all. */
  readonly most: number;
  /** Gives up what an attempt brought that is not wanted any more. */
  discard(value: T): Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Makes attempts until one is answered, and settles as that one does; the others are given up. The first one stays to its end, so that
 * a slow server has all its time; of the others the oldest goes when there are too many. When an attempt fails before any was answered, that is the outcome.
 */
export async function overlap<T>({ attempt, againMs, most, discard, signal }: OverlapOptions<T>): Promise<T> {
  if (signal.aborted) throw new CancelledError();
  const open = new Map<AbortController, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let forget = (): void => {};
  let chosen: AbortController | undefined;
  const choose = (stop: AbortController): void => {
    if (chosen !== undefined) return;
    chosen = stop;
    clearInterval(timer);
    for (const other of open.keys()) if (other !== stop) other.abort();
  };
  try {
    return await new Promise<T>((resolve, reject) => {
      const begin = (): void => {
        const stop = new AbortController();
        const made = attempt(stop.signal, () => choose(stop)).then(
          async (value) => {
            choose(stop);
            if (chosen === stop) resolve(value);
            else await discard(value);
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
        clearInterval(timer);
        for (const stop of open.keys()) stop.abort();
        reject(new CancelledError());
      });
      begin();
      if (most === 1) return;
      timer = setInterval(() => {
        const [, ...later] = [...open.keys()].filter((stop) => !stop.signal.aborted);
        if (later.length + 1 >= most) later[0]?.abort();
        begin();
      }, againMs);
    });
  } finally {
    clearInterval(timer);
    forget();
    await Promise.all(open.values());
  }
}
