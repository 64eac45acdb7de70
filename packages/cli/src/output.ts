import type { Writable } from "node:stream";

/** What is used of `process.stdout`. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/**
 * Writes to a standard stream for as long as somebody reads it. A reader that has gone (`tspack run | head`) stops the
 * writing, not the run (row MR-04); any other failure of the stream is kept for the exit code.
 */
export class Output {
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
  /** Columns of the terminal; 80 where there is none. */
  get width(): number {
    return this.#stream.columns ?? 80;
  }
  /** Rows of the terminal; 24 where there is none. */
  get height(): number {
    return this.#stream.rows ?? 24;
  }
  /** Why writing failed, unless the reader just went away. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  write(text: string): void {
    if (!this.#isGone && text !== "") this.#stream.write(text);
  }
  line(text: string): void {
    this.write(`${text}\n`);
  }
  /** Resolves when everything written so far has left the process, or cannot. */
  async flush(): Promise<void> {
    if (this.#isGone) return;
    await new Promise<void>((resolve) => this.#stream.write("", () => resolve()));
  }
}
