import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** A line without an end is handed on in pieces of exactly this many characters, so that it is known where one was cut. */
export const LONGEST_LINE = 1024 * 1024;
/** Lines are joined up to so many characters; a longer line comes alone. Far below `LONGEST_LINE`: what is cut must be told from this. */
const LONGEST_JOINED = 64 * 1024;

/** How lines are handed on. */
export interface LineWriterOptions {
  /** Lines that end in the same chunk come together, with line feeds between them: for who looks at text and not at single lines. */
  readonly isJoined?: boolean | undefined;
}

/**
 * Turns the bytes of a command's output into lines as users see them (row OUT-06): white space at the end is dropped, and so
 * is what a carriage return overwrote. Bytes that are no UTF-8 become U+FFFD; characters cut in two by chunks are whole.
 * Holds one line at most. Call `flush` when the command has ended.
 */
export class LineWriter extends Writable {
  readonly #onLine: (line: string) => void;
  readonly #isJoined: boolean;
  #joined: string[] = [];
  #joinedLength = 0;
  readonly #decoder = new StringDecoder("utf8");
  #pending = "";

  constructor(onLine: (line: string) => void, { isJoined = false }: LineWriterOptions = {}) {
    super({ decodeStrings: true });
    this.#onLine = onLine;
    this.#isJoined = isJoined;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#take(this.#decoder.write(chunk));
    this.#release();
    done();
  }

  /** Hands on the last line if it had no end. */
  flush(): void {
    this.#take(this.#decoder.end());
    if (this.#pending !== "") this.#add(visible(this.#pending));
    this.#pending = "";
    this.#release();
  }

  #take(text: string): void {
    let start = 0;
    for (;;) {
      const end = text.indexOf("\n", start);
      if (end === -1) break;
      this.#add(visible(this.#pending + text.slice(start, end)));
      this.#pending = "";
      start = end + 1;
    }
    this.#pending += text.slice(start);
    if (this.#pending.length <= LONGEST_LINE) return;
    this.#release();
    // What a carriage return overwrote is gone already. White space may be the middle of something here: it stays.
    this.#pending = this.#pending.slice(overwritten(this.#pending));
    while (this.#pending.length > LONGEST_LINE) {
      this.#onLine(this.#pending.slice(0, LONGEST_LINE));
      this.#pending = this.#pending.slice(LONGEST_LINE);
    }
  }

  #add(line: string): void {
    if (!this.#isJoined) {
      this.#onLine(line);
      return;
    }
    if (this.#joinedLength + line.length >= LONGEST_JOINED) this.#release();
    this.#joined.push(line);
    this.#joinedLength += line.length + 1;
  }

  #release(): void {
    const lines = this.#joined;
    if (lines.length === 0) return;
    this.#joined = [];
    this.#joinedLength = 0;
    this.#onLine(lines.join("\n"));
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
