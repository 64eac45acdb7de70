// Hands streams over by number (plugin-protocol section 4): every stream begins with its number, four bytes little endian, which the
// side that accepts it sends back.
import { InternalError, PluginError } from "../../diagnostics/error.ts";
import type { Broker, Session } from "../transport.ts";
import type { MuxStream } from "../yamux/stream.ts";
import { Limits } from "./limits.ts";

/** Limits of a broker. */
export interface BrokerOptions {
  /** How long `accept` waits; 30 s unless given. Peers dial at once, but a machine may be slow. */
  readonly acceptMs?: number | undefined;
  /** How long `dial` waits for the answer; 15 s unless given. Go gives up accepting after 5 s. */
  readonly dialMs?: number | undefined;
  /** How long a stream that was opened waits for its `accept`; 10 s unless given. */
  readonly parkMs?: number | undefined;
}

/** Makes the one broker of a session. It takes all streams that the peer opens. */
export function createBroker(session: Session, options: BrokerOptions = {}): Broker {
  return new StreamBroker(session, options);
}

// --- internal ---

const ID_LENGTH = 4;
/** Streams that nobody has accepted yet. More come only from a peer that is broken, and each may hold a window of data. */
const MOST_UNCLAIMED = 64;

interface ParkedStream {
  readonly stream: MuxStream;
  readonly claim: () => void;
}

interface Accepting {
  readonly take: (stream: MuxStream) => void;
  readonly fail: (error: unknown) => void;
}

class StreamBroker implements Broker {
  readonly #session: Session;
  readonly #limits: Limits;
  readonly #acceptMs: number;
  readonly #dialMs: number;
  readonly #parkMs: number;
  readonly #accepting = new Map<number, Accepting>();
  readonly #parked = new Map<number, ParkedStream>();
  #unclaimed = 0;
  #lastId = 0;

  constructor(session: Session, options: BrokerOptions) {
    this.#session = session;
    this.#limits = new Limits(session);
    this.#acceptMs = options.acceptMs ?? 30_000;
    this.#dialMs = options.dialMs ?? 15_000;
    this.#parkMs = options.parkMs ?? 10_000;
    session.onStream((stream) => this.#receive(stream));
  }

  nextId(): number {
    this.#lastId++;
    return this.#lastId;
  }

  async accept(id: number, signal?: AbortSignal): Promise<MuxStream> {
    signal?.throwIfAborted();
    const parked = this.#parked.get(id);
    if (parked !== undefined) {
      parked.claim();
      return alive(await Promise.resolve(answer(parked.stream, id)));
    }
    if (this.#accepting.has(id)) throw new InternalError(`stream ${id} is being accepted already`);
    const accepted = new Promise<MuxStream>((resolve, reject) => {
      const end = (): void => {
        stop();
        this.#accepting.delete(id);
      };
      const fail = (error: unknown): void => {
        end();
        reject(error);
      };
      const stop = this.#limits.watch({ ms: this.#acceptMs, late: `stream ${id} was not opened in time`, signal }, fail);
      const take = (stream: MuxStream): void => {
        end();
        resolve(answer(stream, id));
      };
      this.#accepting.set(id, { take, fail });
    });
    return alive(await accepted);
  }

  withdraw(id: number): void {
    this.#accepting.get(id)?.fail(new PluginError(`stream ${id} is not wanted any more`, { code: "TPK4003" }));
  }

  async dial(id: number, signal?: AbortSignal): Promise<MuxStream> {
    signal?.throwIfAborted();
    const opened = new Promise<MuxStream>((resolve, reject) => {
      let dialled: MuxStream | undefined;
      let isOver = false;
      const fail = (error: unknown): void => {
        isOver = true;
        stop();
        dialled?.destroy();
        reject(error);
      };
      const stop = this.#limits.watch({ ms: this.#dialMs, late: `stream ${id} was not accepted in time`, signal }, fail);
      const answered = (stream: MuxStream, bytes: Buffer | undefined): void => {
        if (isOver) return;
        const echo = bytes?.readUInt32LE();
        if (echo === undefined) fail(closedEarly(stream));
        else if (echo !== id) fail(new PluginError(`stream ${id} was answered as stream ${echo}`));
        else {
          isOver = true;
          stop();
          resolve(stream);
        }
      };
      this.#session.open().then((stream) => {
        dialled = stream;
        // One that is opened too late is given back.
        if (isOver) stream.destroy();
        else answer(stream, id).first(ID_LENGTH, (bytes) => answered(stream, bytes));
      }, fail);
    });
    return alive(await opened);
  }

  // --- internal ---

  /** Reads the number of a new stream, then gives it to who accepts that number, or keeps it for a while. */
  #receive(stream: MuxStream): void {
    if (this.#unclaimed >= MOST_UNCLAIMED) {
      stream.destroy();
      return;
    }
    this.#unclaimed++;
    const claimed = (): void => {
      stop();
      this.#unclaimed--;
    };
    // Who dialled learns it from the end of the stream, and a later accept that nobody dialled.
    const stop = this.#limits.watch({ ms: this.#parkMs, late: "nobody accepted the stream" }, () => stream.destroy());
    stream.first(ID_LENGTH, (bytes) => {
      const id = bytes?.readUInt32LE();
      if (id === undefined) {
        claimed();
        stream.destroy();
        return;
      }
      const accepting = this.#accepting.get(id);
      if (accepting === undefined) {
        this.#park(id, stream, claimed);
        return;
      }
      claimed();
      accepting.take(stream);
    });
  }

  #park(id: number, stream: MuxStream, claimed: () => void): void {
    const onClose = (): void => {
      claimed();
      if (this.#parked.get(id)?.stream === stream) this.#parked.delete(id);
    };
    stream.once("close", onClose);
    if (this.#parked.has(id)) {
      // It was opened twice.
      stream.destroy();
      return;
    }
    const claim = (): void => {
      stream.off("close", onClose);
      onClose();
    };
    this.#parked.set(id, { stream, claim });
  }
}

/** A stream may have been lost in the moment in which it was handed on: its "close" has been then, and nobody would learn of it. */
function alive(stream: MuxStream): MuxStream {
  if (stream.destroyed) throw closedEarly(stream);
  return stream;
}

function closedEarly(stream: MuxStream): Error {
  return stream.errored ?? new PluginError("the stream was closed before it began", { code: "TPK4003" });
}

function answer(stream: MuxStream, id: number): MuxStream {
  stream.write(encodeId(id));
  return stream;
}

function encodeId(id: number): Buffer {
  const bytes = Buffer.allocUnsafe(ID_LENGTH);
  bytes.writeUInt32LE(id);
  return bytes;
}
