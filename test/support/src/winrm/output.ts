// The output of a command between the program that writes it and the Receive that fetches it.
import { Writable } from "node:stream";

/** A piece of output; `data` is undefined at the end of the stream. */
export interface OutputPiece {
  readonly stream: "stdout" | "stderr";
  readonly data: Buffer | undefined;
}

/** Holds what was written until it is fetched. A program that writes more than `highWaterBytes` ahead waits. */
export class CommandOutput {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly #highWaterBytes: number;
  #pieces: OutputPiece[] = [];
  #sizeBytes = 0;
  #blocked: (() => void)[] = [];
  #waiting: (() => void)[] = [];
  #exitCode: number | undefined;

  constructor(highWaterBytes = 1024 * 1024) {
    this.#highWaterBytes = highWaterBytes;
    this.stdout = this.#open("stdout");
    this.stderr = this.#open("stderr");
  }

  /** The program has ended; what it has written may still be fetched. */
  finish(exitCode: number): void {
    this.#exitCode ??= exitCode;
    this.#wake();
  }

  /** Takes up to that many bytes, in the order they were written. With the last of them comes the exit code. */
  take(limitBytes: number): { pieces: OutputPiece[]; exitCode: number | undefined } {
    const pieces: OutputPiece[] = [];
    let left = limitBytes;
    while (left > 0) {
      const next = this.#pieces.shift();
      if (next === undefined) break;
      const data = next.data;
      if (data !== undefined && data.length > left) {
        pieces.push({ stream: next.stream, data: data.subarray(0, left) });
        this.#pieces.unshift({ stream: next.stream, data: data.subarray(left) });
        this.#sizeBytes -= left;
        break;
      }
      pieces.push(next);
      left -= data?.length ?? 0;
      this.#sizeBytes -= data?.length ?? 0;
    }
    if (this.#sizeBytes < this.#highWaterBytes) {
      for (const go of this.#blocked.splice(0)) go();
    }
    return { pieces, exitCode: this.#pieces.length === 0 ? this.#exitCode : undefined };
  }

  /** Resolves true when there is something to take, false when the signal comes first. */
  async wait(signal: AbortSignal): Promise<boolean> {
    while (this.#pieces.length === 0 && this.#exitCode === undefined) {
      if (signal.aborted) return false;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    return true;
  }

  #open(stream: "stdout" | "stderr"): Writable {
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        // What comes after the end is lost, as a killed program's is.
        if (this.#exitCode !== undefined) return done();
        this.#pieces.push({ stream, data: chunk });
        this.#sizeBytes += chunk.length;
        this.#wake();
        if (this.#sizeBytes < this.#highWaterBytes) done();
        else this.#blocked.push(done);
      },
      final: (done) => {
        if (this.#exitCode === undefined) this.#pieces.push({ stream, data: undefined });
        this.#wake();
        done();
      },
    });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
    if (this.#exitCode !== undefined) {
      for (const go of this.#blocked.splice(0)) go();
    }
  }
}
