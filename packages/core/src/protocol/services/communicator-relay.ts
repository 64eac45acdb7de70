// A machine that one plugin is connected to and another one works on (plugin-protocol section 7.9): what the second asks for is asked
// of the first, and the streams of both are joined. Nothing is unpacked on the way, so a command costs little more than its bytes.
import type { Broker, RpcClient, RpcService } from "../transport.ts";
import type { MuxStream } from "../yamux/stream.ts";
import { readFields, readStreamId, readText } from "./wire.ts";

/** Where a communicator is served. */
export interface RemoteEnd {
  readonly rpc: RpcClient;
  readonly broker: Broker;
}

/** What the caller's side of a relay works with. */
export interface RelayOptions {
  readonly broker: Broker;
  /** Aborts whatever is going on. */
  readonly signal: AbortSignal;
}

/** The calls of a communicator that use streams, passed on to where it is served. */
export function communicatorRelay(end: RemoteEnd, options: RelayOptions): RpcService {
  return {
    async Start(argument) {
      const what = "the argument of Communicator.Start";
      const fields = readFields(argument, what);
      const streams = ["StdinStreamId", "StdoutStreamId", "StderrStreamId", "ResponseStreamId"].map((name) => ({
        name,
        id: readStreamId(fields[name], name),
      }));
      const joined = streams.filter(({ id }) => id !== 0).map(({ name, id }) => ({ name, join: new Join(id, end, options) }));
      const ids = Object.fromEntries(streams.map(({ name }) => [name, joined.find((one) => one.name === name)?.join.id ?? 0]));
      try {
        await end.rpc.call("Communicator.Start", { Command: readText(fields.Command, "Command"), ...ids }, options.signal);
      } catch (error) {
        for (const { join } of joined) join.end();
        throw error;
      }
      // A command that has ended reads no more; its caller may not know when to stop.
      const find = (wanted: string): Join | undefined => joined.find(({ name }) => name === wanted)?.join;
      const stdin = find("StdinStreamId");
      if (stdin !== undefined) void find("ResponseStreamId")?.answered.then(() => stdin.giveUp());
    },
    async Upload(argument) {
      const fields = readFields(argument, "the argument of Communicator.Upload");
      const join = new Join(readStreamId(fields.ReaderStreamId, "ReaderStreamId"), end, options);
      try {
        await end.rpc.call("Communicator.Upload", { ...fields, ReaderStreamId: join.id }, options.signal);
      } finally {
        // What the other end did not read nobody wants.
        join.giveUp();
      }
    },
    async Download(argument) {
      const fields = readFields(argument, "the argument of Communicator.Download");
      const join = new Join(readStreamId(fields.WriterStreamId, "WriterStreamId"), end, options);
      try {
        await end.rpc.call("Communicator.Download", { ...fields, WriterStreamId: join.id }, options.signal);
        await join.answered;
      } catch (error) {
        join.end();
        throw error;
      }
    },
  };
}

// --- internal ---

/** A stream of the caller's joined with one of the other end, which has a number of its own. */
class Join {
  /** What the other end is to dial. */
  readonly id: number;
  /** Resolves when all that the other end sent on the stream was passed on, or nothing more can be. Never rejects. */
  readonly answered: Promise<void>;
  readonly #end: RemoteEnd;
  readonly #signal: AbortSignal;
  #caller: MuxStream | undefined;
  #server: MuxStream | undefined;
  #isGivenUp = false;
  #settleAnswered: () => void = () => undefined;

  constructor(callersId: number, end: RemoteEnd, { broker, signal }: RelayOptions) {
    this.#end = end;
    this.#signal = signal;
    this.id = end.broker.nextId();
    this.answered = new Promise((resolve) => {
      this.#settleAnswered = resolve;
    });
    const accepted = end.broker.accept(this.id, signal).then((stream) => {
      this.#server = this.#keep(stream);
    });
    // The caller waits for this some seconds only, so it does not wait for the other end.
    const dialled = broker.dial(callersId, signal).then((stream) => {
      this.#caller = this.#keep(stream);
    });
    Promise.all([accepted, dialled]).then(
      () => this.#join(),
      () => this.giveUp(),
    );
  }

  /** Both ways are over, as far as they are not yet: resets what is open. */
  giveUp(): void {
    if (this.#isGivenUp) return;
    this.#isGivenUp = true;
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#end.broker.withdraw(this.id);
    this.#caller?.destroy();
    this.#server?.destroy();
    this.#settleAnswered();
  }

  /** The other end has failed: the caller sees the end of the stream, since that is what it waits for. */
  end(): void {
    const caller = this.#caller;
    if (caller !== undefined && this.#server === undefined) {
      this.#caller = undefined;
      caller.resume();
      caller.end();
    }
    this.giveUp();
  }

  // --- internal ---

  #keep(stream: MuxStream): MuxStream {
    if (this.#isGivenUp) stream.destroy();
    return stream;
  }

  readonly #onAbort = (): void => this.giveUp();

  #join(): void {
    const caller = this.#caller;
    const server = this.#server;
    if (caller === undefined || server === undefined || this.#isGivenUp || this.#signal.aborted) {
      this.giveUp();
      return;
    }
    this.#signal.addEventListener("abort", this.#onAbort);
    let open = 2;
    const ended = (): void => {
      open--;
      // Both ways came to their ends, or the streams are given up: there is nothing to give up any more.
      if (open === 0) this.#signal.removeEventListener("abort", this.#onAbort);
    };
    server.forwardTo(caller, () => {
      this.#settleAnswered();
      ended();
    });
    caller.forwardTo(server, ended);
  }
}
