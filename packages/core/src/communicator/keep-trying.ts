// Connecting to a machine that may not be up yet: trying again, and saying why (rows CON-03, CON-11).
import { CommunicatorError, errorText, isCancellation, TspackError } from "../diagnostics/error.ts";
import { formatDuration } from "../sdk/config/duration.ts";
import { pause, throwIfAborted } from "./abort.ts";
import type { ConnectRequest } from "./connect.ts";

/** What happens after an attempt that failed. */
export interface NextTry {
  readonly pauseMs: number;
  /** The same for somebody who watches: `trying again for up to 5 minutes`. */
  readonly prospect: string;
  /** Something to do about it that need not wait for the end. */
  readonly advice?: string | undefined;
}

/** What is tried, how long, and what is said about it. */
export interface Trying<T> extends Pick<ConnectRequest, "ui" | "signal"> {
  /** `SSH` or `WinRM`. */
  readonly protocol: string;
  /** ` on host:port`, where it is known before the machine is; else empty. */
  readonly where: string;
  /** Undefined: no limit. */
  readonly timeoutMs: number | undefined;
  attempt(signal: AbortSignal): Promise<T>;
  /** Whether a failure is what any machine shows that boots, and no news before `quietMs` are over, or half of the time there is. */
  isExpected(error: unknown): boolean;
  readonly quietMs: number;
  /** Undefined when trying again cannot help: the failure is then thrown. */
  afterFailure(error: unknown): NextTry | undefined;
  /** What to do when the time is over. `lastReason` is the last failure, or undefined when the first attempt did not end. */
  hint(lastReason: unknown): string;
}

/**
 * Makes one attempt after the other. Throws a cancellation on abort; when the time is over, `CommunicatorError` TPK5002 if the last attempt
 * failed with that, else TPK5001; and what `afterFailure` lets through.
 */
export async function keepTrying<T>(options: Trying<T>): Promise<T> {
  const { protocol, where, timeoutMs, ui, attempt, afterFailure } = options;
  const newsAt = performance.now() + Math.min(options.quietMs, (timeoutMs ?? Number.POSITIVE_INFINITY) / 2);
  const late = new AbortController();
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => late.abort(), timeoutMs);
  const signal = AbortSignal.any([options.signal, late.signal]);
  const told = new Set<string>();
  let lastReason: unknown;
  try {
    ui.say(`Waiting for ${protocol}${where}`);
    for (;;) {
      try {
        return await attempt(signal);
      } catch (error) {
        const next = isCancellation(error) ? undefined : afterFailure(error);
        if (next === undefined) throw error;
        lastReason = error;
        const reason = errorText(error);
        const isNews = !options.isExpected(error) || performance.now() >= newsAt;
        ui.log(isNews ? "info" : "debug", `No ${protocol} connection yet: ${reason}`);
        // A booting machine fails in a few ways, over and over: each is news once.
        if (isNews && !told.has(reason)) {
          ui.say(`Not connected yet: ${reason}; ${next.prospect}`);
          if (next.advice !== undefined) ui.say(next.advice);
          told.add(reason);
        }
        await pause(next.pauseMs, signal);
      }
    }
  } catch (error) {
    throwIfAborted(options.signal);
    if (timeoutMs === undefined || !late.signal.aborted) throw error;
    const reason = lastReason === undefined ? "the first attempt was still under way" : errorText(lastReason);
    throw new CommunicatorError(`no ${protocol} connection${where} within ${formatDuration(timeoutMs)}: ${reason}`, {
      code: isRefusal(lastReason) ? "TPK5002" : "TPK5001",
      hint: options.hint(lastReason),
      cause: lastReason,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the machine was there and let nobody in. */
export function isRefusal(error: unknown): error is TspackError {
  return TspackError.is(error) && error.code === "TPK5002";
}
