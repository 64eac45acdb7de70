import { Duplex } from "node:stream";
import { frameFlag, frameType, STREAM_WINDOW } from "./frame.ts";
import { ReceiveQueue } from "./receive-queue.ts";

/** What a stream needs of its session. */
export interface StreamOutlet {
  /** False while the connection has more to write than it can hold. */
  readonly canWrite: boolean;
  /** Calls back, once and in turn, when the connection can be written to again. */
  whenWritable(resume: () => void): void;
  send(frame: { readonly type: number; readonly flags: number; readonly streamId: number; readonly length: number }, body?: Buffer): void;
  /** Both halves are closed, or the stream was reset: the id means nothing any more. */
  forget(stream: MuxStream): void;
}

/** One stream of a session. The session calls the methods marked so; everybody else uses it as a Duplex. */
export class MuxStream extends Duplex {
  readonly id: number;
  readonly #outlet: StreamOutlet;
  readonly #received = new ReceiveQueue();
  /** What the peer may still send. */
  #granted = STREAM_WINDOW;
  /** What the reader took and the peer has no new credit for yet. */
  #consumed = 0;
  /** What we may still send. */
  #credit = STREAM_WINDOW;
  #isWanted = false;
  #hasSentFin = false;
  #hasReceivedFin = false;
  #hasEnded = false;
  #isForgotten = false;
  #lost: Error | undefined;
  #write: PendingWrite | undefined;
  #isWaitingForConnection = false;

  constructor(id: number, outlet: StreamOutlet) {
    super({ highWaterMark: BUFFERED_BYTES, allowHalfOpen: true });
    this.id = id;
    this.#outlet = outlet;
    // What the peer does to a stream must not end our process when nobody looks at that stream any more.
    this.on("error", () => undefined);
  }

  /** True once our half is closed. */
  get hasSentFin(): boolean {
    return this.#hasSentFin;
  }

  /** Session: a data frame of this length starts. False if the peer may not send it. */
  reserve(length: number): boolean {
    if (length > this.#granted || (this.#hasReceivedFin && length > 0)) return false;
    this.#granted -= length;
    return true;
  }

  /** Session: payload of a frame that was reserved. */
  receive(piece: Buffer): void {
    if (this.destroyed) return;
    if (this.#isWanted && this.#received.length === 0) {
      this.#isWanted = this.#hand(piece);
      this.#grant();
    } else {
      this.#received.append(piece);
    }
  }

  /** Session: the peer closed its half. False if it had done so before. */
  receiveFin(): boolean {
    if (this.#hasReceivedFin) return false;
    this.#hasReceivedFin = true;
    this.#forgetIfClosed();
    this.#deliver();
    return true;
  }

  /** Session: the peer gives credit. False if the sum makes no sense. */
  addCredit(bytes: number): boolean {
    this.#credit += bytes;
    if (this.#credit > 0xffff_ffff) return false;
    if (bytes > 0) this.#continueWrite();
    return true;
  }

  /** Session: the stream is over on both sides; nothing is sent about it any more. */
  abandon(error: Error): void {
    this.#isForgotten = true;
    this.#lost = error;
    // What came complete may still be read.
    if (this.#hasReceivedFin) this.#continueWrite();
    else this.destroy(error);
  }

  override _read(): void {
    this.#isWanted = true;
    this.#deliver();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#write = { chunk, offset: 0, callback };
    this.#continueWrite();
  }

  override _final(callback: (error?: Error | null) => void): void {
    if (!this.#isForgotten) {
      this.#hasSentFin = true;
      this.#outlet.send({ type: frameType.windowUpdate, flags: frameFlag.fin, streamId: this.id, length: 0 });
      this.#forgetIfClosed();
    }
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#isForgotten) {
      // Who read to the end and then lets go has cut nothing short.
      const isClean = error === null && this.#hasReceivedFin && this.writableLength === 0;
      const flags = isClean && !this.#hasSentFin ? frameFlag.fin : frameFlag.rst;
      this.#outlet.send({ type: frameType.windowUpdate, flags, streamId: this.id, length: 0 });
      this.#forget();
    }
    this.#received.clear();
    const write = this.#write;
    this.#write = undefined;
    callback(error);
    write?.callback(error ?? new Error("the stream was given up"));
  }

  /** Moves what was received to the reader, and gives the peer credit for it. */
  #deliver(): void {
    while (this.#isWanted) {
      const piece = this.#received.shift();
      if (piece === undefined) break;
      this.#isWanted = this.#hand(piece);
    }
    if (!this.#hasReceivedFin) this.#grant();
    else if (this.#received.length === 0 && !this.#hasEnded) {
      this.#hasEnded = true;
      this.push(null);
    }
  }

  /** Hands a piece to the reader; false if it wants no more for now. */
  #hand(piece: Buffer): boolean {
    this.#consumed += piece.length;
    return this.push(piece);
  }

  #grant(): void {
    if (this.#consumed < STREAM_WINDOW / 2 || this.#hasReceivedFin || this.#isForgotten) return;
    const length = this.#consumed;
    this.#consumed = 0;
    this.#granted += length;
    this.#outlet.send({ type: frameType.windowUpdate, flags: 0, streamId: this.id, length });
  }

  #continueWrite(): void {
    for (;;) {
      const write = this.#write;
      if (write === undefined) return;
      const left = write.chunk.length - write.offset;
      if (left === 0 || this.#lost !== undefined) {
        this.#write = undefined;
        write.callback(left === 0 ? null : this.#lost);
        return;
      }
      if (this.#credit === 0) return;
      if (!this.#outlet.canWrite) {
        this.#waitForConnection();
        return;
      }
      const length = Math.min(left, this.#credit, LARGEST_FRAME);
      const body = write.chunk.subarray(write.offset, write.offset + length);
      write.offset += length;
      this.#credit -= length;
      this.#outlet.send({ type: frameType.data, flags: 0, streamId: this.id, length }, body);
    }
  }

  #waitForConnection(): void {
    if (this.#isWaitingForConnection) return;
    this.#isWaitingForConnection = true;
    this.#outlet.whenWritable(() => {
      this.#isWaitingForConnection = false;
      this.#continueWrite();
    });
  }

  #forgetIfClosed(): void {
    if (this.#hasSentFin && this.#hasReceivedFin) this.#forget();
  }

  #forget(): void {
    if (this.#isForgotten) return;
    this.#isForgotten = true;
    this.#outlet.forget(this);
  }
}

// --- internal ---

/** What Node buffers for a stream in each direction, beyond the window. */
const BUFFERED_BYTES = 65_536;
/** A stream with much to send must not keep the others waiting for long. */
const LARGEST_FRAME = 65_536;

interface PendingWrite {
  readonly chunk: Buffer;
  offset: number;
  readonly callback: (error?: Error | null) => void;
}
