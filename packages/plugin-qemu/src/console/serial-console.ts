// What the guest prints on its first serial port.
import { createWriteStream, type WriteStream } from "node:fs";
import type { Duplex } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { LineWriter, type Ui } from "@tspack/core/sdk";
import { LastWords } from "../machine/last-words.ts";
import { withoutControls } from "./plain-text.ts";
import { isProcessorComplaint } from "./processor.ts";

export interface SerialConsoleOptions {
  readonly ui: Ui;
  /** Where what is printed is kept as it came. Absolute; its folder exists. */
  readonly logFile: string | undefined;
  /** Most bytes that are kept there: a guest may print for as long as it runs, and faster than a disk takes it. 64 MiB unless given. */
  readonly mostBytes?: number | undefined;
}

/** Reads a serial port for as long as it lives: for the log, for waiting for a text, and for the last lines when something fails. */
export class SerialConsole {
  readonly #words = new LastWords(WORDS);
  readonly #listeners = new Set<() => void>();
  readonly #file: WriteStream | undefined;
  /** What was printed behind the last text that was found. */
  #text = "";
  /** The beginning of a sequence for terminals whose end has not come yet: firmware prints one character at a time. */
  #begun = "";
  #end: Error | undefined;
  #complaint: string | undefined;
  /** How many bytes may still be kept. */
  #room: number;

  constructor(stream: Duplex, { ui, logFile, mostBytes = MOST_BYTES }: SerialConsoleOptions) {
    this.#room = mostBytes;
    const decoder = new StringDecoder("utf8");
    const lines = new LineWriter((line) => {
      const plain = withoutControls(line);
      if (plain.trim() === "") return;
      this.#words.add(plain);
      if (this.#complaint === undefined && isProcessorComplaint(plain)) this.#complaint = plain;
      ui.log("debug", `console: ${plain}`);
    });
    this.#file = logFile === undefined ? undefined : createWriteStream(logFile, { mode: 0o600 });
    this.#file?.on("error", (error) => ui.log("warn", `the console's log cannot be written: ${error.message}`));
    stream.on("data", (chunk: Buffer) => {
      lines.write(chunk);
      this.#keep(chunk);
      const printed = this.#begun + decoder.write(chunk);
      const end = printed.search(begunSequence);
      this.#begun = end === -1 ? "" : printed.slice(end);
      this.#text += withoutControls(end === -1 ? printed : printed.slice(0, end));
      // Not each time: a guest prints character by character, and each cut copies all of it.
      if (this.#text.length > 2 * MOST_TEXT) this.#text = this.#text.slice(-MOST_TEXT);
      this.#tell();
    });
    stream.on("error", () => undefined);
    stream.once("close", () => {
      lines.flush();
      this.#file?.end();
      this.#end = new Error("the machine has ended");
      this.#tell();
    });
  }

  /** The last lines that were printed, oldest first. */
  lastLines(): readonly string[] {
    return this.#words.lines();
  }

  /** The first line that says that the processor is too old: the crash that follows is longer than what is kept. */
  processorComplaint(): string | undefined {
    return this.#complaint;
  }

  /** Resolves when the text is in what was printed behind the last one found. Rejects when the machine ends, or with the signal's reason. */
  waitForText(text: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (how: () => void): void => {
        this.#listeners.delete(look);
        signal.removeEventListener("abort", abort);
        how();
      };
      const abort = (): void => finish(() => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted")));
      const look = (): void => {
        const at = this.#text.indexOf(text);
        if (at !== -1) {
          this.#text = this.#text.slice(at + text.length);
          finish(resolve);
        } else if (this.#end !== undefined) {
          const { message } = this.#end;
          finish(() => reject(new Error(message)));
        }
      };
      this.#listeners.add(look);
      signal.addEventListener("abort", abort, { once: true });
      if (signal.aborted) abort();
      else look();
    });
  }

  #keep(chunk: Buffer): void {
    if (this.#room === 0) return;
    this.#file?.write(chunk.subarray(0, this.#room));
    this.#room = Math.max(0, this.#room - chunk.length);
    if (this.#room === 0) this.#file?.write("\n[The console printed more than is kept.]\n");
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

// --- internal ---

const WORDS = 20;
const MOST_BYTES = 64 * 1024 * 1024;
/** Text that is kept for finding something in it, in UTF-16 code units; up to twice as much. */
const MOST_TEXT = 256 * 1024;

/** A sequence for terminals that is not complete, at the end of a text; no longer than any that means something. */
const begunSequence = /\u001b(?:\[[0-?]{0,64}[ -/]{0,8}|\][^\u0007\u001b]{0,256}|[()])?$/;
