import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { CancelledError, errorText, TspackError } from "../diagnostics/error.ts";

/** An attempt that failed in a way that another one may not. */
export class Interruption extends Error {
  /** How long the server asks to wait. */
  readonly retryAfterMs: number | undefined;
  constructor(message: string, options: { readonly cause?: unknown; readonly retryAfterMs?: number | undefined } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "Interruption";
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** How often, and how soon, something is tried again. */
export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Attempts that bring nothing before giving up; 5 unless given. */
  readonly attempts?: number | undefined;
  /** Before the second attempt; doubles each time, up to `LONGEST_DELAY_MS`. 500 unless given. */
  readonly firstDelayMs?: number | undefined;
  /** Told why another attempt is made. */
  readonly log: (text: string) => void;
}

const LONGEST_DELAY_MS = 15_000;
/** Even attempts that bring something end somewhere: a server may hand out a file byte by byte. */
const MOST_ATTEMPTS = 100;

/**
 * Runs `attempt` until it succeeds, waiting longer each time. Only an `Interruption` is tried again; the last one is thrown
 * when the attempts are used up. An attempt after which `progress()` says more than before does not count.
 */
export async function withRetries<T>(
  what: string,
  options: RetryOptions,
  attempt: () => Promise<T>,
  progress: () => number = () => 0,
): Promise<T> {
  const attempts = options.attempts ?? 5;
  let fruitless = 0;
  for (let count = 1; ; count++) {
    const before = progress();
    try {
      return await attempt();
    } catch (error) {
      if (options.signal.aborted) throw new CancelledError();
      if (!(error instanceof Interruption)) throw error;
      fruitless = progress() > before ? 1 : fruitless + 1;
      if (fruitless >= attempts || count >= MOST_ATTEMPTS) throw error;
      const delay = Math.min(LONGEST_DELAY_MS, error.retryAfterMs ?? (options.firstDelayMs ?? 500) * 2 ** (fruitless - 1));
      options.log(`${what}: ${errorText(error)}; trying again in ${delay / 1000} s`);
      await sleep(delay, undefined, { signal: options.signal }).catch(() => {
        throw new CancelledError();
      });
    }
  }
}

/** Errors that another attempt would only repeat: the name does not exist, the certificate is not trusted, not HTTP at all. */
const lasting = /^(ENOTFOUND$|ERR_TLS_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO$|ERR_INVALID_|HPE_)/;

/** A failed request as an `Interruption`, unless it is one that would only be repeated, or an abort. */
export function interruptionOf(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted || TspackError.is(error) || error instanceof Interruption) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOTFOUND") return new Error(`${errorText(error)} (check the name and the network; behind a proxy set HTTPS_PROXY)`);
  return lasting.test(code) ? error : new Interruption("the request failed", { cause: error });
}

/** An `Interruption` for a status that passes (overload, a gateway's time-out), else undefined. */
export function temporaryStatus(message: IncomingMessage, reason: string): Interruption | undefined {
  if (![408, 425, 429, 500, 502, 503, 504].includes(message.statusCode ?? 0)) return undefined;
  const seconds = Number(message.headers["retry-after"] ?? Number.NaN);
  return new Interruption(reason, { retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined });
}
