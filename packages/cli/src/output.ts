import type { Writable } from "node:stream";

/** What is used of `process.stdout`. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/**
 * Where a program writes. Writing goes on for as long as somebody reads: a reader that has gone (`tspack run | head`) stops the
 * writing, not the run (row MR-04).
 */
export interface Output {
  readonly isTty: boolean;
  /** A terminal that says how large it is: what is drawn there can be drawn anew in place. */
  readonly hasSize: boolean;
  /** Columns of the terminal; 80 where there is none, or one that says 0, as those of `script` and of some CI systems do. */
  readonly width: number;
  /** Rows of the terminal; 24 where there is none. */
  readonly height: number;
  /** Why writing failed, unless the reader just went away. */
  readonly failure: Error | undefined;
  write(text: string): void;
  /** The text and a line end. */
  line(text: string): void;
  /** Resolves when everything written so far has left the process, or cannot. */
  flush(): Promise<void>;
}

/** Writes to a stream of Node's: a terminal, whose writes are synchronous. */
export class StreamOutput implements Output {
  readonly #stream: OutputStream;
  #isGone = false;
  #failure: Error | undefined;

  constructor(stream: OutputStream) {
    this.#stream = stream;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      this.#isGone = true;
      if (error.code !== "EPIPE") this.#failure = error;
    });
  }

  get isTty(): boolean {
    return this.#stream.isTTY === true;
  }
  get hasSize(): boolean {
    return this.isTty && (this.#stream.columns ?? 0) > 0 && (this.#stream.rows ?? 0) > 0;
  }
  get width(): number {
    return this.#stream.columns || 80;
  }
  get height(): number {
    return this.#stream.rows || 24;
  }
  get failure(): Error | undefined {
    return this.#failure;
  }
  write(text: string): void {
    if (!this.#isGone && text !== "") this.#stream.write(text);
  }
  line(text: string): void {
    this.write(`${text}\n`);
  }
  async flush(): Promise<void> {
    if (this.#isGone) return;
    await new Promise<void>((resolve) => this.#stream.write("", () => resolve()));
  }
}
