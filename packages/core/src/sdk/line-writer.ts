import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** A line without an end is handed on in pieces of exactly this many characters, so that it is known where one was cut. */
export const LONGEST_LINE = 1024 * 1024;

/**
 * Turns the bytes of a command's output into lines as users see them (row OUT-06): white space at the end is dropped, and so
 * is what a carriage return overwrote. Bytes that are no UTF-8 become U+FFFD; characters cut in two by chunks are whole.
 * Holds one line at most. Call `flush` when the command has ended.
 */
export class LineWriter extends Writable {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  #pending = "";

  constructor(onLine: (line: string) => void) {
    super({ decodeStrings: true });
    this.#onLine = onLine;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#take(this.#decoder.write(chunk));
    done();
  }

  /** Hands on the last line if it had no end. */
  flush(): void {
    this.#take(this.#decoder.end());
    if (this.#pending !== "") this.#onLine(visible(this.#pending));
    this.#pending = "";
  }

  #take(text: string): void {
    let start = 0;
    for (;;) {
      const end = text.indexOf("\n", start);
      if (end === -1) break;
      this.#onLine(visible(this.#pending + text.slice(start, end)));
      this.#pending = "";
      start = end + 1;
    }
    this.#pending += text.slice(start);
    if (this.#pending.length <= LONGEST_LINE) return;
    // What a carriage return overwrote is gone already. White space may be the middle of something here: it stays.
    this.#pending = this.#pending.slice(overwritten(this.#pending));
    while (this.#pending.length > LONGEST_LINE) {
      this.#onLine(this.#pending.slice(0, LONGEST_LINE));
      this.#pending = this.#pending.slice(LONGEST_LINE);
    }
  }
}

// --- internal ---

function visible(line: string): string {
  const trimmed = line.trimEnd();
  return trimmed.slice(overwritten(trimmed));
}

/** How much of a line a carriage return has overwritten. One at the end may belong to the end of the line. */
function overwritten(line: string): number {
  return line.lastIndexOf("\r", line.length - 2) + 1;
}
