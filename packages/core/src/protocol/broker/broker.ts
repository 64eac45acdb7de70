// Hands streams over by number (plugin-protocol section 4): every stream begins with its number, four bytes little endian, which the
// side that accepts it sends back.
import type { Duplex } from "node:stream";
import { InternalError, PluginError } from "../../diagnostics/error.ts";
import type { Broker, Session } from "../transport.ts";
import { Limits, untilAborted } from "./limits.ts";
import { readExactly } from "./read-exactly.ts";

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
  readonly stream: Duplex;
  readonly claim: () => void;
}

class StreamBroker implements Broker {
  readonly #session: Session;
  readonly #limits: Limits;
  readonly #acceptMs: number;
  readonly #dialMs: number;
  readonly #parkMs: number;
  readonly #accepting = new Map<number, (stream: Duplex) => void>();
  readonly #parked = new Map<number, ParkedStream>();
  #unclaimed = 0;
  #lastId = 0;

  constructor(session: Session, options: BrokerOptions) {
    this.#session = session;
    this.#limits = new Limits(session);
    this.#acceptMs = options.acceptMs ?? 30_000;
    this.#dialMs = options.dialMs ?? 15_000;
    this.#parkMs = options.parkMs ?? 10_000;
    session.onStream((stream) => void this.#receive(stream));
  }

  nextId(): number {
    this.#lastId++;
    return this.#lastId;
  }

  async accept(id: number, signal?: AbortSignal): Promise<Duplex> {
    const parked = this.#parked.get(id);
    if (parked !== undefined) {
      parked.claim();
      return answer(parked.stream, id);
    }
    if (this.#accepting.has(id)) throw new InternalError(`stream ${id} is being accepted already`);
    const arrival = new Promise<Duplex>((resolve) => this.#accepting.set(id, resolve));
    try {
      const limit = { ms: this.#acceptMs, late: `stream ${id} was not opened in time`, signal };
      return answer(await this.#limits.within(limit, (limited) => untilAborted(arrival, limited)), id);
    } catch (error) {
      // It may have come at the moment of giving up.
      void arrival.then((late) => late.destroy());
      throw error;
    } finally {
      this.#accepting.delete(id);
    }
  }

  dial(id: number, signal?: AbortSignal): Promise<Duplex> {
    return this.#limits.within({ ms: this.#dialMs, late: `stream ${id} was not accepted in time`, signal }, async (limited) => {
      const opening = this.#session.open();
      const stream = await untilAborted(opening, limited).catch((error: unknown) => {
        // One that is opened too late is given back.
        void opening.then(
          (late) => late.destroy(),
          () => undefined,
        );
        throw error;
      });
      try {
        stream.write(encodeId(id));
        const echo = (await readExactly(stream, ID_LENGTH, limited)).readUInt32LE();
        if (echo !== id) throw new PluginError(`stream ${id} was answered as stream ${echo}`);
        return stream;
      } catch (error) {
        stream.destroy();
        throw error;
      }
    });
  }

  /** Reads the number of a new stream, then gives it to who accepts that number, or keeps it for a while. */
  async #receive(stream: Duplex): Promise<void> {
    if (this.#unclaimed >= MOST_UNCLAIMED) {
      stream.destroy();
      return;
    }
    this.#unclaimed++;
    try {
      await this.#limits.within({ ms: this.#parkMs, late: "nobody accepted the stream" }, async (limited) => {
        const id = (await readExactly(stream, ID_LENGTH, limited)).readUInt32LE();
        const accept = this.#accepting.get(id);
        if (accept === undefined) return untilAborted(this.#park(id, stream), limited).finally(() => this.#unpark(id, stream));
        this.#accepting.delete(id);
        accept(stream);
        return undefined;
      });
    } catch {
      // Who dialled learns it from the end of the stream, and a later accept that nobody dialled.
      stream.destroy();
    } finally {
      this.#unclaimed--;
    }
  }

  #park(id: number, stream: Duplex): Promise<void> {
    return new Promise((resolve, reject) => {
      const onClose = (): void => reject(new PluginError(`stream ${id} was given up`, { code: "TPK4003" }));
      if (this.#parked.has(id)) {
        reject(new PluginError(`stream ${id} was opened twice`));
        return;
      }
      stream.once("close", onClose);
      const claim = (): void => {
        stream.off("close", onClose);
        this.#parked.delete(id);
        resolve();
      };
      this.#parked.set(id, { stream, claim });
    });
  }

  #unpark(id: number, stream: Duplex): void {
    if (this.#parked.get(id)?.stream === stream) this.#parked.delete(id);
  }
}

function answer(stream: Duplex, id: number): Duplex {
  stream.write(encodeId(id));
  return stream;
}

function encodeId(id: number): Buffer {
  const bytes = Buffer.allocUnsafe(ID_LENGTH);
  bytes.writeUInt32LE(id);
  return bytes;
}
