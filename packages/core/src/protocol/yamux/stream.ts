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
  #first: FirstBytes | undefined;
  /** Where what comes goes in place of a reader, and the stream whose bytes we are sent in place of a writer's. */
  #target: MuxStream | undefined;
  #source: MuxStream | undefined;
  #onForwarded: (() => void) | undefined;

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

  /**
   * Takes so many bytes off the front, before anybody reads. Calls back with them, or with undefined when the stream is over before
   * they have come.
   */
  first(length: number, done: (bytes: Buffer | undefined) => void): void {
    const first: FirstBytes = { bytes: Buffer.alloc(length), filled: 0, done };
    this.#first = first;
    while (first.filled < length) {
      const piece = this.#received.shift(length - first.filled);
      if (piece === undefined) break;
      this.#takeFirst(piece);
    }
    if (this.destroyed || this.#hasReceivedFin) this.#giveUpFirst();
  }

  /**
   * Sends on to `target`, a stream of another connection, everything that comes from now on: bytes as they are, the end as an end, a
   * reset as a reset. Nobody may read this stream or write to the target after that; credit is given as the target takes bytes. Calls
   * back once, when the end was sent on or either stream was given up.
   */
  forwardTo(target: MuxStream, done: () => void = () => undefined): void {
    this.#target = target;
    target.#source = this;
    this.#onForwarded = done;
    if (this.destroyed || target.destroyed) this.#breakUp(null);
    else this.#forward();
  }

  /** Session: a data frame of this length starts. False if the peer may not send it. */
  reserve(length: number): boolean {
    if (length > this.#granted || (this.#hasReceivedFin && length > 0)) return false;
    this.#granted -= length;
    return true;
  }

  /** Session: payload of a frame that was reserved. */
  receive(bytes: Buffer): void {
    if (this.destroyed) return;
    const piece = this.#first === undefined ? bytes : this.#takeFirst(bytes);
    if (piece === undefined || this.destroyed) return;
    if (this.#target !== undefined) this.#forwardPiece(piece, this.#target);
    else if (this.#isWanted && this.#received.length === 0) {
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
    this.#giveUpFirst();
    this.#forgetIfClosed();
    if (this.#target === undefined) this.#deliver();
    else this.#forward();
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
    if (!this.#hasReceivedFin) this.destroy(error);
    else if (this.#source === undefined) this.#continueWrite();
    else this.#source.#discard();
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
    this.#sendFin();
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
    this.#giveUpFirst();
    this.#breakUp(error);
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

  /** What is left of a piece after the first bytes were taken off. */
  #takeFirst(piece: Buffer): Buffer | undefined {
    const first = this.#first;
    if (first === undefined) return piece;
    const taken = piece.copy(first.bytes, first.filled);
    first.filled += taken;
    this.#consumed += taken;
    if (first.filled === first.bytes.length) {
      this.#first = undefined;
      first.done(first.bytes);
    }
    return taken === piece.length ? undefined : piece.subarray(taken);
  }

  #giveUpFirst(): void {
    const first = this.#first;
    this.#first = undefined;
    first?.done(undefined);
  }

  #forwardPiece(piece: Buffer, target: MuxStream): void {
    if (this.#received.length === 0 && target.#credit >= piece.length && target.#outlet.canWrite) {
      target.#sendData(piece);
      this.#consumed += piece.length;
      this.#grant();
    } else {
      this.#received.append(piece);
      this.#forward();
    }
  }

  /** Sends on what has come, as far as the target may send. */
  #forward(): void {
    const target = this.#target;
    if (target === undefined) return;
    while (target.#credit > 0 && this.#received.length > 0) {
      if (!target.#outlet.canWrite) {
        target.#waitForConnection();
        break;
      }
      const piece = this.#received.shift(Math.min(target.#credit, LARGEST_FRAME));
      if (piece === undefined) break;
      this.#consumed += piece.length;
      target.#sendData(piece);
    }
    this.#grant();
    if (!this.#hasReceivedFin || this.#received.length > 0) return;
    target.#sendFin();
    this.#settleForwarded();
  }

  /** The target is gone, but has sent all that it had to: what still comes for it is dropped. */
  #discard(): void {
    this.#target = undefined;
    this.#settleForwarded();
    this.#consumed += this.#received.length;
    this.#received.clear();
    this.resume();
  }

  #settleForwarded(): void {
    const done = this.#onForwarded;
    this.#onForwarded = undefined;
    done?.();
  }

  /** One of two streams that are joined is given up: so is the other. */
  #breakUp(error: Error | null): void {
    const others = [this.#target, this.#source];
    this.#target = undefined;
    this.#source = undefined;
    this.#settleForwarded();
    for (const other of others) {
      if (other === undefined) continue;
      other.#settleForwarded();
      if (!other.#isForgotten) other.destroy(error ?? undefined);
    }
  }

  #sendData(body: Buffer): void {
    this.#credit -= body.length;
    this.#outlet.send({ type: frameType.data, flags: 0, streamId: this.id, length: body.length }, body);
  }

  #sendFin(): void {
    if (this.#isForgotten || this.#hasSentFin) return;
    this.#hasSentFin = true;
    this.#outlet.send({ type: frameType.windowUpdate, flags: frameFlag.fin, streamId: this.id, length: 0 });
    this.#forgetIfClosed();
  }

  #continueWrite(): void {
    const source = this.#source;
    if (source !== undefined) source.#forward();
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
      this.#sendData(body);
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

interface FirstBytes {
  readonly bytes: Buffer;
  filled: number;
  readonly done: (bytes: Buffer | undefined) => void;
}

interface PendingWrite {
  readonly chunk: Buffer;
  offset: number;
  readonly callback: (error?: Error | null) => void;
}
