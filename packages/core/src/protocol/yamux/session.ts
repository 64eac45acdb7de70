// Many streams over one connection, as Go's yamux does it with its default settings (plugin-protocol section 3).
import type { Duplex } from "node:stream";
import { PluginError } from "../../diagnostics/error.ts";
import type { Session, SessionOptions } from "../transport.ts";
import { encodeHeader, type FrameHeader, FrameReader, frameFlag, frameType, goAwayReason, STREAM_WINDOW } from "./frame.ts";
import { MuxStream, type StreamOutlet } from "./stream.ts";

/**
 * Starts multiplexing on a connection, which the session owns from then on. The connection is always read; what streams receive is
 * held within their windows. A peer that breaks the protocol, stays silent for two pings, or does not read what it is sent ends the
 * session with one PluginError.
 */
export function startSession(connection: Duplex, options: SessionOptions): Session {
  return new MuxSession(connection, options);
}

// --- internal ---

const PING_INTERVAL_MS = 30_000;
/** Streams that one side opened and the other has not answered; Go has the same limit. */
const BACKLOG = 256;
/** Streams send no more while so many bytes wait to be written: enough for the system to be busy until it has room again. */
const LONGEST_QUEUE = 128 * 1024;
/** What may wait to be written before the peer counts as one that does not read. Streams wait, so this is answers alone. */
const LONGEST_OUTPUT = 4 * 1024 * 1024;
/** Time for the last bytes to leave when a session is closed. */
const CLOSE_MS = 1_000;

class MuxSession implements Session, StreamOutlet {
  readonly closed: Promise<Error | undefined>;
  readonly #connection: Duplex;
  readonly #peer: string;
  readonly #isClient: boolean;
  readonly #streams = new Map<number, MuxStream>();
  /** Streams of ours that the peer has not accepted yet. */
  readonly #unanswered = new Set<number>();
  readonly #openers: (() => void)[] = [];
  readonly #writers: (() => void)[] = [];
  readonly #reader: FrameReader;
  readonly #pings: NodeJS.Timeout;
  #settleClosed: (error: Error | undefined) => void = () => undefined;
  #listener: ((stream: MuxStream) => void) | undefined;
  #backlog: MuxStream[] = [];
  #nextStreamId: number;
  #nextPing = 0;
  #silentPings = 0;
  #isRefused = false;
  /** Frames of this turn wait for its end. */
  #isHeldBack = false;
  #isOver = false;
  #error: Error | undefined;
  /** The stream that the payload being read belongs to. */
  #payloadStream: MuxStream | undefined;
  #isLastPayload = false;

  constructor(connection: Duplex, options: SessionOptions) {
    this.#connection = connection;
    this.#peer = options.peer ?? "the other side";
    this.#isClient = options.role === "client";
    this.#nextStreamId = this.#isClient ? 1 : 2;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.#reader = new FrameReader({
      header: (header) => this.#take(header),
      payload: (piece) => this.#payloadStream?.receive(piece),
      payloadEnd: () => this.#endPayload(),
    });
    connection.on("data", (bytes: Buffer) => {
      this.#silentPings = 0;
      this.#reader.push(bytes, () => this.#isOver);
    });
    connection.on("drain", () => this.#wakeWriters());
    connection.on("end", () => this.#endOfInput());
    connection.on("close", () => this.#endOfInput());
    connection.on("error", (cause) => this.#finish(this.#lost("the connection failed", cause)));
    // A session that nothing else keeps alive must not keep the process alive.
    this.#pings = setInterval(() => this.#ping(), options.pingIntervalMs ?? PING_INTERVAL_MS).unref();
  }

  get isClosed(): boolean {
    return this.#isOver;
  }

  get canWrite(): boolean {
    return !this.#connection.writableNeedDrain || this.#connection.writableLength < LONGEST_QUEUE;
  }

  async open(): Promise<MuxStream> {
    while (this.#unanswered.size >= BACKLOG && !this.#isOver) await new Promise<void>((resolve) => this.#openers.push(resolve));
    if (this.#isOver) throw this.#error ?? this.#lost("the connection is closed");
    if (this.#isRefused) throw this.#lost("it accepts no more streams");
    const id = this.#nextStreamId;
    if (id > 0xffff_ffff) throw this.#lost("all stream numbers are used");
    this.#nextStreamId += 2;
    const stream = new MuxStream(id, this);
    this.#streams.set(id, stream);
    this.#unanswered.add(id);
    this.send({ type: frameType.windowUpdate, flags: frameFlag.syn, streamId: id, length: 0 });
    return stream;
  }

  onStream(listener: (stream: MuxStream) => void): void {
    this.#listener = listener;
    const waiting = this.#backlog;
    this.#backlog = [];
    for (const stream of waiting) if (!stream.destroyed) this.#hand(stream, listener);
  }

  close(): void {
    this.#finish(undefined);
  }

  whenWritable(resume: () => void): void {
    this.#writers.push(resume);
  }

  forget(stream: MuxStream): void {
    this.#streams.delete(stream.id);
    this.#answered(stream.id);
  }

  send(frame: Omit<FrameHeader, "version">, body?: Buffer): void {
    if (this.#isOver || !this.#connection.writable) return;
    this.#holdBack();
    this.#connection.write(encodeHeader(frame));
    if (body !== undefined) this.#connection.write(body);
    if (this.#connection.writableLength > LONGEST_OUTPUT) this.#finish(this.#lost("it does not read what it is sent"));
  }

  /** All frames of one turn leave in one system call, without a copy. */
  #holdBack(): void {
    if (this.#isHeldBack) return;
    this.#isHeldBack = true;
    this.#connection.cork();
    setImmediate(() => {
      this.#isHeldBack = false;
      this.#connection.uncork();
    });
  }

  #take(header: FrameHeader): void {
    const wrong = this.#handle(header);
    if (wrong !== undefined) this.#reject(wrong);
  }

  /** Deals with one frame's header; returns what is wrong with it, if anything. */
  #handle(header: FrameHeader): string | undefined {
    const { version, type, flags, streamId, length } = header;
    if (version !== 0) return `a frame of version ${version}`;
    if (flags > 0xf) return `a frame with unknown flags 0x${flags.toString(16)}`;
    if (type === frameType.data || type === frameType.windowUpdate) return this.#handleForStream(header);
    if (type > frameType.goAway) return `a frame of unknown type ${type}`;
    if (streamId !== 0) return `a frame of type ${type} for stream ${streamId}`;
    if (type === frameType.ping) {
      if ((flags & frameFlag.syn) !== 0) this.send({ ...header, flags: frameFlag.ack });
    } else if (length === goAwayReason.normal) {
      this.#isRefused = true;
    } else {
      const why = length === goAwayReason.protocolError ? "it says that we broke the protocol" : "it reports an internal error";
      this.#finish(this.#lost(why));
    }
    return undefined;
  }

  #handleForStream({ type, flags, streamId, length }: FrameHeader): string | undefined {
    this.#payloadStream = undefined;
    this.#isLastPayload = false;
    const isData = type === frameType.data;
    if (isData && length > STREAM_WINDOW) return `a frame of ${length} bytes`;
    if ((flags & frameFlag.syn) !== 0 && !this.#acceptStream(streamId)) return `a new stream with the wrong number ${streamId}`;
    const stream = this.#streams.get(streamId);
    // Frames of streams that we have given up still arrive; their payload is dropped.
    if (stream === undefined) return undefined;
    if ((flags & frameFlag.ack) !== 0) this.#answered(streamId);
    if (isData && !stream.reserve(length)) return `more data on stream ${streamId} than it may send`;
    if (!isData && !stream.addCredit(length)) return `too much credit for stream ${streamId}`;
    if ((flags & frameFlag.rst) !== 0) {
      this.forget(stream);
      stream.abandon(this.#lost("it gave up the stream"));
      return undefined;
    }
    const isLast = (flags & frameFlag.fin) !== 0;
    if (isData) {
      this.#payloadStream = stream;
      this.#isLastPayload = isLast;
    } else if (isLast && !stream.receiveFin()) {
      return `a second end of stream ${streamId}`;
    }
    return undefined;
  }

  #endPayload(): void {
    const stream = this.#payloadStream;
    this.#payloadStream = undefined;
    if (stream !== undefined && this.#isLastPayload && !stream.receiveFin()) this.#reject(`a second end of stream ${stream.id}`);
  }

  /** Makes the stream that the peer opens; false if it may not use this number. */
  #acceptStream(id: number): boolean {
    const isOurs = (id & 1) === (this.#isClient ? 1 : 0);
    if (isOurs || id === 0 || this.#streams.has(id)) return false;
    const stream = new MuxStream(id, this);
    this.#streams.set(id, stream);
    if (this.#listener !== undefined) this.#hand(stream, this.#listener);
    else if (this.#backlog.length < BACKLOG) this.#backlog.push(stream);
    else stream.destroy();
    return true;
  }

  #hand(stream: MuxStream, listener: (stream: MuxStream) => void): void {
    this.send({ type: frameType.windowUpdate, flags: frameFlag.ack, streamId: stream.id, length: 0 });
    listener(stream);
  }

  #answered(id: number): void {
    if (this.#unanswered.delete(id)) this.#openers.shift()?.();
  }

  #wakeWriters(): void {
    while (this.canWrite && !this.#isOver) {
      const resume = this.#writers.shift();
      if (resume === undefined) return;
      resume();
    }
  }

  #ping(): void {
    if (this.#silentPings === 2) {
      this.#finish(this.#lost("it does not answer any more"));
      return;
    }
    this.#silentPings++;
    this.send({ type: frameType.ping, flags: frameFlag.syn, streamId: 0, length: this.#nextPing });
    this.#nextPing = (this.#nextPing + 1) % 2 ** 32;
  }

  #endOfInput(): void {
    const isCut = this.#reader.isInsideFrame;
    const isFinished = [...this.#streams.values()].every((stream) => stream.hasSentFin);
    const error = isCut ? this.#lost("the connection ended in the middle of a frame") : this.#lost("it closed the connection");
    this.#finish(!isCut && isFinished ? undefined : error);
  }

  #lost(what: string, cause?: unknown): PluginError {
    return new PluginError(`the connection to ${this.#peer} was lost: ${what}`, { code: "TPK4003", cause });
  }

  #reject(what: string): void {
    if (this.#isOver) return;
    this.send({ type: frameType.goAway, flags: 0, streamId: 0, length: goAwayReason.protocolError });
    this.#finish(new PluginError(`${this.#peer} sent ${what}, which the plugin protocol does not allow`, { code: "TPK4002" }));
  }

  #finish(error: Error | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    clearInterval(this.#pings);
    const reason = error ?? this.#lost("the connection is closed");
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    this.#unanswered.clear();
    this.#writers.length = 0;
    for (const stream of streams) stream.abandon(reason);
    for (const resume of this.#openers.splice(0)) resume();
    this.#settleClosed(error);
    const connection = this.#connection;
    if (connection.destroyed) return;
    // The last frames may still have to leave; a peer that does not take them gets no more time than this.
    const limit = setTimeout(() => connection.destroy(), CLOSE_MS).unref();
    connection.end(() => connection.destroy());
    connection.once("close", () => clearTimeout(limit));
  }
}
