import type { Duplex } from "node:stream";
import { PluginError } from "../../diagnostics/error.ts";
import { encodeValues } from "../msgpack/encode.ts";
import type { RpcClient } from "../transport.ts";
import { readFailure } from "./failure.ts";
import { type Message, readMessages } from "./message.ts";
import { RemoteError } from "./remote-error.ts";

/**
 * Makes calls on a stream, which the client owns from then on. An answer that belongs to no call, or comes twice, ends the stream:
 * what follows cannot be trusted.
 */
export function createRpcClient(stream: Duplex): RpcClient {
  return new StreamClient(stream);
}

// --- internal ---

interface PendingCall {
  readonly method: string;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
}

class StreamClient implements RpcClient {
  readonly closed: Promise<Error | undefined>;
  readonly #stream: Duplex;
  readonly #pending = new Map<number, PendingCall>();
  /** Calls that were aborted here; their answers still come. */
  readonly #aborted = new Set<number>();
  #sequence = 0;
  #isClosed = false;
  #error: Error | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.closed = new Promise((resolve) => {
      stream.once("close", () => resolve(this.#error));
    });
    readMessages(
      stream,
      (message) => this.#answer(message),
      (error) => this.#end(error),
    );
  }

  async call(method: string, argument?: unknown, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw this.#unanswered(method);
    const sequence = this.#sequence;
    const message = encodeValues({ ServiceMethod: method, Seq: sequence }, argument);
    this.#sequence++;
    let onAbort: (() => void) | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#pending.set(sequence, { method, resolve, reject });
        onAbort = () => {
          if (this.#pending.delete(sequence)) this.#aborted.add(sequence);
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", onAbort);
        this.#stream.write(message);
      });
    } finally {
      if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#end();
  }

  #answer({ method, sequence, error, body }: Message): void {
    if (this.#isClosed || this.#aborted.delete(sequence)) return;
    const call = this.#pending.get(sequence);
    if (call === undefined) throw new PluginError(`a plugin answered a call of ${method} that nobody waits for`);
    this.#pending.delete(sequence);
    if (error === "") call.resolve(body);
    else call.reject(new RemoteError(call.method, error, readFailure(body)));
  }

  #end(error?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#error = error;
    this.#stream.end();
    for (const call of this.#pending.values()) call.reject(this.#unanswered(call.method));
    this.#pending.clear();
    this.#aborted.clear();
  }

  /** Go's word for it is known from Packer's logs. */
  #unanswered(method: string): PluginError {
    const message = `${method} was not answered: unexpected EOF`;
    const cause = this.#error;
    if (cause === undefined) return new PluginError(message, { code: "TPK4003" });
    const code = PluginError.is(cause) ? cause.code : "TPK4003";
    return new PluginError(`${method} was not answered`, { code, cause });
  }
}
