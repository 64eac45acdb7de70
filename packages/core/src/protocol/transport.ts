// The contracts between the transport of the plugin protocol and what is built on it (services, the host of child processes, the
// plugin side). They are made by `startSession` (yamux/session.ts), `createBroker` (broker/broker.ts), `createRpcClient`
// (rpc/client.ts) and `serveRpc` (rpc/server.ts). Both ends of everything can live in one process.
import type { MuxStream } from "./yamux/stream.ts";

/** Which end of the connection this is. Packer's core (the host) is the client, the plugin the server. */
export type SessionRole = "client" | "server";

/** How a session is set up. */
export interface SessionOptions {
  readonly role: SessionRole;
  /** Names the other end in error messages: `plugin "amazon"`. "the other side" unless given. */
  readonly peer?: string | undefined;
  /** Time between two pings, 30 s unless given. */
  readonly pingIntervalMs?: number | undefined;
}

/**
 * One multiplexed connection to a peer (plugin-protocol section 3). A stream is a Node Duplex with flow control: `end()` closes our
 * half (FIN), "end" says that the peer closed its half, `destroy()` gives up both (RST). Reading a stream slowly slows down only
 * its writer. An "error" of a stream that nobody listens for is dropped; so a stream can be let go with `destroy()`. `for await` over a
 * stream destroys it at the end, our half included; where our half must stay open, listen for "data" or pipe. A stream of another
 * session takes over all that comes with `forwardTo`.
 */
export interface Session {
  /** Opens a stream. Waits while the peer has 256 unanswered ones; rejects with a PluginError once the session is over. */
  open(): Promise<MuxStream>;
  /** Hands over every stream that the peer opens. There is one listener; up to 256 streams that came before it are kept for it. */
  onStream(listener: (stream: MuxStream) => void): void;
  /** Closes the connection. Streams that are still open fail; what they had received to the end can still be read. */
  close(): void;
  /** True once the connection is gone or given up. */
  readonly isClosed: boolean;
  /**
   * Settles when the connection is gone. Undefined if it was closed by us, or by the peer with no stream open; else one PluginError
   * that says what happened. Never rejects.
   */
  readonly closed: Promise<Error | undefined>;
}

/** Hands streams over by number (plugin-protocol section 4). Who allocated a number accepts it, who was told the number dials it. */
export interface Broker {
  /** The next number of our side, counting from 1. 0 is the main stream, dialled by the host and accepted by the plugin. */
  nextId(): number;
  /**
   * Waits until the peer dials the number. Start it before the peer learns the number. Rejects with a PluginError (TPK4004) when the
   * peer does not dial within 30 s, with (TPK4003) when the session ends, and with the signal's reason when aborted.
   */
  accept(id: number, signal?: AbortSignal): Promise<MuxStream>;
  /** Stops waiting for a number: `accept` of it rejects (TPK4003). Does nothing when that is over. */
  withdraw(id: number): void;
  /** Opens the stream that the peer is accepting. Go gives up 5 s after it named the number, so dial at once. Rejects like `accept`. */
  dial(id: number, signal?: AbortSignal): Promise<MuxStream>;
}

/** Calls to the peer on one stream (plugin-protocol section 5). */
export interface RpcClient {
  /**
   * Calls `Service.Method`. Calls run side by side. Rejects with a RemoteError carrying the peer's text when the peer reports a
   * failure, with a PluginError (TPK4003) naming the method when the stream ends first, and with the signal's reason when aborted;
   * the peer is not told of that. A missing argument is sent as nil.
   */
  call(method: string, argument?: unknown, signal?: AbortSignal): Promise<unknown>;
  /** Closes the stream; calls that wait fail. */
  close(): void;
  /** Settles when the stream is over: undefined, or why it failed. Never rejects. */
  readonly closed: Promise<Error | undefined>;
}

/** What a served method learns about its call. */
export interface RpcCall {
  /** As the peer spelled it: `Builder.Run`. */
  readonly method: string;
  /** Aborted when the stream ends before the answer is written. */
  readonly signal: AbortSignal;
}

/**
 * A method that the peer may call. What it returns is the reply, undefined being nil. What it throws is reported to the peer as
 * text: the messages of the error and its causes, or `context canceled` for a cancellation.
 */
export type RpcMethod = (argument: unknown, call: RpcCall) => unknown;

/** The methods of one service by name, without the service's name: `{ Say: (text) => … }`. Only own properties count. */
export type RpcService = { readonly [method: string]: RpcMethod };

/** Calls from the peer on one stream. */
export interface RpcServer {
  /** Resolves with the first call; never, when there is none. */
  readonly called: Promise<void>;
  /** Closes the stream. The signal of calls that are running is aborted. */
  close(): void;
  /** Settles when the stream is over: undefined, or why it failed. Never rejects. */
  readonly closed: Promise<Error | undefined>;
}
