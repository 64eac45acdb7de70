import type { Duplex } from "node:stream";
import { encodeValues } from "../msgpack/encode.ts";
import type { RpcMethod, RpcServer, RpcService } from "../transport.ts";
import { failureText, sentFailure } from "./failure.ts";
import { type Message, readMessages } from "./message.ts";

/**
 * Answers the peer's calls on a stream, which the server owns from then on. Calls run side by side. Services may be added to the map
 * and removed while it serves (progress services of Ui); the name of a call is split at its last dot. When the peer closes its half, ours is closed too and the signals of running calls are aborted.
 */
export function serveRpc(stream: Duplex, services: ReadonlyMap<string, RpcService>, options: RpcServerOptions = {}): RpcServer {
  return new StreamServer(stream, services, options);
}

/** Whom an RPC server answers. */
export interface RpcServerOptions {
  /** The other end is one of ours: it is told the codes of failures. */
  readonly isExtended?: boolean | undefined;
}

// --- internal ---

/** Calls that run at the same time; while there are more, the stream is not read. */
const MOST_CALLS = 1_024;

class StreamServer implements RpcServer {
  readonly called: Promise<void>;
  readonly closed: Promise<Error | undefined>;
  readonly #stream: Duplex;
  readonly #services: ReadonlyMap<string, RpcService>;
  readonly #isExtended: boolean;
  readonly #running = new Set<AbortController>();
  #settleCalled: () => void = () => undefined;
  #isClosed = false;
  #error: Error | undefined;

  constructor(stream: Duplex, services: ReadonlyMap<string, RpcService>, { isExtended = false }: RpcServerOptions) {
    this.#stream = stream;
    this.#services = services;
    this.#isExtended = isExtended;
    this.called = new Promise((resolve) => {
      this.#settleCalled = resolve;
    });
    this.closed = new Promise((resolve) => {
      stream.once("close", () => resolve(this.#error));
    });
    stream.on("drain", () => this.#pace());
    readMessages(
      stream,
      (message) => void this.#serve(message),
      (error) => this.#end(error),
    );
  }

  close(): void {
    this.#end();
  }

  async #serve({ method, sequence, body }: Message): Promise<void> {
    if (this.#isClosed) return;
    this.#settleCalled();
    const controller = new AbortController();
    this.#running.add(controller);
    this.#pace();
    const header = { ServiceMethod: method, Seq: sequence };
    let answer: Buffer;
    try {
      const reply = await this.#find(method)(body, { method, signal: controller.signal });
      answer = encodeValues({ ...header, Error: "" }, reply);
    } catch (error) {
      answer = encodeValues({ ...header, Error: failureText(error) }, this.#isExtended ? sentFailure(error) : {});
    }
    this.#running.delete(controller);
    if (this.#isClosed) return;
    this.#stream.write(answer);
    this.#pace();
  }

  #find(name: string): RpcMethod {
    const dot = name.lastIndexOf(".");
    if (dot < 0) throw new Error(`rpc: service/method request ill-formed: ${name}`);
    const service = this.#services.get(name.slice(0, dot));
    if (service === undefined) throw new Error(`rpc: can't find service ${name}`);
    const method = name.slice(dot + 1);
    const found = Object.hasOwn(service, method) ? service[method] : undefined;
    if (found === undefined) throw new Error(`rpc: can't find method ${name}`);
    return found;
  }

  /** Reads on only while the peer takes its answers. */
  #pace(): void {
    if (this.#isClosed) return;
    const mustWait = this.#stream.writableNeedDrain || this.#running.size >= MOST_CALLS;
    if (mustWait) this.#stream.pause();
    else if (this.#stream.isPaused()) this.#stream.resume();
  }

  #end(error?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#error = error;
    // What still comes is dropped, so that the end of it is seen.
    this.#stream.resume();
    this.#stream.end();
    for (const controller of this.#running) controller.abort();
    this.#running.clear();
  }
}
