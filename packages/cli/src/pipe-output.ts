import { writeSync } from "node:fs";
import type { Output } from "./output.ts";

/** A reader may lag behind by this much before writing waits for it. */
const LAG_BYTES = 4 * 1024 * 1024;
const RETRY_MS = 5;

/**
 * Writes to a pipe or file. A stream of Node's would keep everything in memory that a slow reader has not taken yet, however much
 * that is; a run of a script that prints without end must not. So what is not taken is kept up to a limit, and beyond it the whole
 * process waits. Until then the loop stays free, and Ctrl-C is heard.
 */
export class PipeOutput implements Output {
  readonly isTty = false;
  readonly hasSize = false;
  readonly width = 80;
  readonly height = 24;
  readonly #descriptor: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushed: (() => void)[] = [];
  #isGone = false;
  #failure: Error | undefined;

  /** The descriptor is 1 or 2. It should not block, as Node makes it when `process.stdout` is first looked at. */
  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  write(text: string): void {
    if (this.#isGone || text === "") return;
    const bytes = Buffer.from(text);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    // While a retry is due the reader is known to be slow.
    if (this.#timer === undefined || this.#waitingBytes > LAG_BYTES) this.#send();
  }
  line(text: string): void {
    this.write(`${text}\n`);
  }
  async flush(): Promise<void> {
    if (this.#waitingBytes > 0) await new Promise<void>((resolve) => this.#flushed.push(resolve));
  }

  /** Hands over what the reader takes, and waits only when there is too much of it. */
  #send(): void {
    while (this.#waitingBytes > 0) {
      const first = this.#waiting.length > 1 ? Buffer.concat(this.#waiting) : this.#waiting[0];
      if (first === undefined) return;
      const written = this.#tryWrite(first);
      if (written === undefined) break;
      this.#waiting = written < first.length ? [first.subarray(written)] : [];
      this.#waitingBytes = first.length - written;
      if (written > 0) continue;
      if (this.#waitingBytes <= LAG_BYTES) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.#send();
        }, RETRY_MS);
        return;
      }
      Atomics.wait(pauseCell, 0, 0, RETRY_MS);
    }
    this.#end();
  }

  /** How many bytes were taken; 0 when the pipe is full, undefined when nobody will ever read it. */
  #tryWrite(bytes: Buffer): number | undefined {
    try {
      return writeSync(this.#descriptor, bytes);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EAGAIN") return 0;
      this.#isGone = true;
      if (error instanceof Error && !("code" in error && error.code === "EPIPE")) this.#failure = error;
      return undefined;
    }
  }

  #end(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    const flushed = this.#flushed;
    this.#flushed = [];
    for (const resolve of flushed) resolve();
  }
}

const pauseCell = new Int32Array(new SharedArrayBuffer(4));
