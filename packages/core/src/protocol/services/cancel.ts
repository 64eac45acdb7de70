// Cancelling a call that runs at the other end (plugin-protocol section 7.10).
import { setTimeout as wait } from "node:timers/promises";
import { CancelledError, isCancellation } from "../../diagnostics/error.ts";
import type { RpcClient } from "../transport.ts";

/** A call that can be cancelled by another one. */
export interface CancellableCall {
  readonly rpc: RpcClient;
  readonly method: string;
  readonly argument: unknown;
  /** The method that cancels it: `Builder.Cancel`. */
  readonly cancelMethod: string;
  /** When the call is known to run. Go's process dies of a cancellation that comes before. */
  readonly running: Promise<unknown>;
  readonly signal: AbortSignal;
}

/**
 * Makes the call. On abort the other end is told once, but never before it runs, and its answer is awaited: it cleans up first.
 * What an aborted call fails with is a cancellation.
 */
export async function callUntilCancelled({ rpc, method, argument, cancelMethod, running, signal }: CancellableCall): Promise<unknown> {
  if (signal.aborted) throw cancellation(signal);
  const cancel = (): void => {
    const tell = async (): Promise<void> => {
      await running;
      await wait(SETTLED_MS);
      await rpc.call(cancelMethod);
    };
    // A lost connection is reported by the call itself.
    tell().catch(() => undefined);
  };
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await rpc.call(method, argument);
  } catch (error) {
    throw signal.aborted ? cancellation(signal, error) : error;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** The reason of an aborted signal as a cancellation, keeping what the other end said unless it is just that. */
export function cancellation(signal: AbortSignal, failure?: unknown): unknown {
  if (isCancellation(signal.reason) && (failure === undefined || isPlain(failure))) return signal.reason;
  return new CancelledError("cancelled", { cause: failure ?? signal.reason });
}

// --- internal ---

/** Go's plugins begin to listen for a cancellation right after they have dialled, not before. */
const SETTLED_MS = 50;

/** True for Go's own words for a cancellation. */
function isPlain(failure: unknown): boolean {
  return failure instanceof Error && /(^|: )context canceled$/.test(failure.message);
}
