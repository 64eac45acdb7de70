// Cancelling a call that runs at the other end (plugin-protocol section 7.10).
import { setTimeout as wait } from "node:timers/promises";
import { CancelledError, isCancellation } from "../../diagnostics/error.ts";
import type { RpcClient } from "../transport.ts";
import type { OfferedStream } from "./offer.ts";

/** A call that can be cancelled by another one. */
export interface CancellableCall {
  readonly rpc: RpcClient;
  readonly method: string;
  readonly argument: unknown;
  /** The stream that the other end dials when it begins; undefined where it uses none, and may be told at once. */
  readonly offered?: Pick<OfferedStream, "dialled" | "called"> | undefined;
  readonly signal: AbortSignal;
}

/**
 * Makes the call. On abort the other end is told once, but never before it runs, and its answer is awaited: it cleans up first.
 * What an aborted call fails with is a cancellation.
 */
export async function callUntilCancelled({ rpc, method, argument, offered, signal }: CancellableCall): Promise<unknown> {
  if (signal.aborted) throw cancellation(signal);
  const service = method.slice(0, method.lastIndexOf("."));
  const cancel = (): void => {
    const tell = async (): Promise<void> => {
      if (offered !== undefined) await begun(offered, rpc, service);
      await rpc.call(`${service}.Cancel`);
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

const SETTLED_MS = 50;

/**
 * Waits until the other end can be cancelled. Go's plugins make what Cancel ends after they have dialled our stream and before they
 * call the component: a Cancel before that kills a builder or a provisioner, and is lost on a post-processor. The first call on the
 * stream comes from the component, so it proves that the time has come. A component that makes no call proves nothing: between the
 * echo of the stream's number, which we send, and that first call the plugin sends not a byte. For such a one the answer to another
 * call shows that the echo has arrived, as one connection keeps its order; what is left is a few instructions of a goroutine that can
 * run, and these get a time.
 */
async function begun({ dialled, called }: Pick<OfferedStream, "dialled" | "called">, rpc: RpcClient, service: string): Promise<void> {
  await dialled;
  const answered = async (): Promise<void> => {
    // Any answer will do, "no such method" too.
    await rpc.call(`${service}.ConfigSpec`).catch(() => undefined);
    await wait(SETTLED_MS);
  };
  await Promise.race([called, answered()]);
}

/** True for Go's own words for a cancellation. */
function isPlain(failure: unknown): boolean {
  return failure instanceof Error && /(^|: )context canceled$/.test(failure.message);
}
