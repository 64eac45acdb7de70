// QEMU's monitor: JSON in both directions over a stream (QEMU Machine Protocol).
import type { Duplex } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { BuildError, CancelledError, formatDuration } from "@tspack/core/sdk";
import * as z from "zod";

/** Something that QEMU tells by itself, such as `SHUTDOWN`. */
export interface QmpEvent {
  readonly event: string;
  readonly data: { readonly [name: string]: unknown };
}

/** A connection to the monitor of one QEMU process. */
export interface Qmp {
  /** `7.2.22`. */
  readonly version: string;
  /**
   * Sends a command and resolves to what QEMU answers. Throws a `BuildError` with QEMU's own words when it refuses, and one that says
   * so when the monitor closes before the answer, or none comes in time; a cancellation when the build is cancelled meanwhile.
   */
  execute(command: string, args?: { readonly [name: string]: unknown }): Promise<unknown>;
  /** Calls `listener` for every event from now on, in order. The function it returns ends that. */
  onEvent(listener: (event: QmpEvent) => void): () => void;
  /** Resolves when QEMU has closed the monitor, or `close` was called. Never rejects. */
  readonly closed: Promise<void>;
  /** Closes our end. Commands that wait fail. */
  close(): void;
}

/** How long a monitor is waited for. */
export interface QmpOptions {
  /**
   * Commands that wait when it aborts fail with a cancellation. Later ones, which tidy up, have `hurriedMs` only. The signal does not close
   * the monitor.
   */
  readonly signal?: AbortSignal | undefined;
  /** How long an answer may take, in milliseconds. A minute unless given: QEMU answers when a slow disk lets it. */
  readonly answerMs?: number | undefined;
  /** The same after an abort, and as long as QEMU has not answered the last command that ran out of time; 5 s unless given. */
  readonly hurriedMs?: number | undefined;
}

/** A message of QEMU is never this long, in UTF-16 code units: whatever sends one is no monitor. */
const LONGEST_MESSAGE = 16 * 1024 * 1024;

const greetingSchema = z.object({
  QMP: z.object({ version: z.object({ qemu: z.object({ major: z.number(), minor: z.number(), micro: z.number() }) }) }),
});
const eventSchema = z.object({ event: z.string(), data: z.record(z.string(), z.unknown()).optional() });
const answerSchema = z.object({ id: z.number(), return: z.unknown() });
const refusalSchema = z.object({ id: z.number().optional(), error: z.object({ class: z.string(), desc: z.string() }) });

/**
 * Waits for the greeting on a stream to a QEMU monitor, agrees on capabilities, and resolves to the connection: QEMU runs then. Throws a
 * `BuildError` when the stream ends before that or says something else. The stream is closed with the connection. The greeting may take
 * any time: QEMU opens its disks and takes the machine's memory before it.
 */
export function openQmp(stream: Duplex, options: QmpOptions = {}): Promise<Qmp> {
  return new Promise((resolve, reject) => {
    const connection = new QmpConnection(stream, options, { ready: resolve, failed: reject });
    connection.start();
  });
}

// --- internal ---

const ANSWER_MS = 60_000;
const HURRIED_MS = 5_000;

interface Waiting {
  readonly command: string;
  readonly timer: NodeJS.Timeout;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface Outcome {
  ready(qmp: Qmp): void;
  failed(error: Error): void;
}

class QmpConnection implements Qmp {
  version = "";
  readonly closed: Promise<void>;
  readonly #stream: Duplex;
  readonly #options: QmpOptions;
  readonly #outcome: Outcome;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: QmpEvent) => void>();
  readonly #decoder = new StringDecoder("utf8");
  #pending = "";
  #lastId = 0;
  #isClosed = false;
  /** A command has run out of time, and nothing has been answered since. */
  #isSilent = false;
  readonly #onAbort = (): void => this.#failAll(() => new CancelledError());

  constructor(stream: Duplex, options: QmpOptions, outcome: Outcome) {
    this.#stream = stream;
    this.#options = options;
    this.#outcome = outcome;
    this.closed = new Promise((resolve) => {
      stream.once("close", () => {
        this.#close();
        resolve();
      });
    });
  }

  start(): void {
    // What is wrong with the stream shows in that it closes.
    this.#stream.on("error", () => undefined);
    this.#stream.on("end", () => this.#stream.destroy());
    this.#stream.on("data", (chunk: Buffer) => this.#take(this.#decoder.write(chunk)));
    this.#options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  execute(command: string, args?: { readonly [name: string]: unknown }): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(closedError(command));
    const id = ++this.#lastId;
    const message = args === undefined ? { execute: command, id } : { execute: command, arguments: args, id };
    const { signal, answerMs = ANSWER_MS, hurriedMs = HURRIED_MS } = this.#options;
    const limitMs = this.#isSilent || signal?.aborted === true ? Math.min(hurriedMs, answerMs) : answerMs;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(id, limitMs), limitMs);
      this.#waiting.set(id, { command, timer, resolve, reject });
      this.#stream.write(`${JSON.stringify(message)}\n`);
    });
  }

  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#stream.destroy();
  }

  #take(text: string): void {
    this.#pending += text;
    for (;;) {
      const end = this.#pending.indexOf("\n");
      if (end === -1) break;
      const line = this.#pending.slice(0, end).trim();
      this.#pending = this.#pending.slice(end + 1);
      if (line !== "") this.#receive(line);
    }
    if (this.#pending.length > LONGEST_MESSAGE) this.#refuse("it sent a message without an end");
  }

  #receive(line: string): void {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      this.#refuse("it sent something that is no JSON");
      return;
    }
    if (this.version === "") {
      this.#greet(message);
      return;
    }
    const event = eventSchema.safeParse(message);
    if (event.success) {
      for (const listener of [...this.#listeners]) listener({ event: event.data.event, data: event.data.data ?? {} });
      return;
    }
    const refusal = refusalSchema.safeParse(message);
    if (refusal.success) {
      this.#settle(refusal.data.id, (waiting) => waiting.reject(notDone(waiting, refusal.data.error.desc)));
      return;
    }
    const answer = answerSchema.safeParse(message);
    if (answer.success) this.#settle(answer.data.id, (waiting) => waiting.resolve(answer.data.return));
  }

  #greet(message: unknown): void {
    const greeting = greetingSchema.safeParse(message);
    if (!greeting.success) {
      this.#refuse("it did not greet as QEMU does");
      return;
    }
    const { major, minor, micro } = greeting.data.QMP.version.qemu;
    this.version = `${major}.${minor}.${micro}`;
    this.execute("qmp_capabilities").then(
      () => this.#outcome.ready(this),
      (error: Error) => this.#outcome.failed(error),
    );
  }

  #settle(id: number | undefined, how: (waiting: Waiting) => void): void {
    // An answer that comes too late shows as well that QEMU does something again.
    this.#isSilent = false;
    if (id !== undefined) this.#end(id, how);
  }

  #giveUp(id: number, limitMs: number): void {
    this.#isSilent = true;
    this.#end(id, (waiting) => waiting.reject(notAnswered(waiting, limitMs)));
  }

  #end(id: number, how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    how(waiting);
  }

  #failAll(errorOf: (waiting: Waiting) => Error): void {
    for (const id of [...this.#waiting.keys()]) this.#end(id, (waiting) => waiting.reject(errorOf(waiting)));
  }

  #refuse(why: string): void {
    this.#outcome.failed(new BuildError(`QEMU's monitor cannot be used: ${why}`));
    this.#stream.destroy();
  }

  #close(): void {
    this.#isClosed = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#outcome.failed(new BuildError("QEMU closed its monitor before it was ready"));
    this.#failAll((waiting) => notDone(waiting, "the monitor was closed"));
    this.#listeners.clear();
  }
}

function closedError(command: string): BuildError {
  return new BuildError(`QEMU has ended and cannot be asked to do ${JSON.stringify(command)}`);
}

function notDone({ command }: Waiting, why: string): BuildError {
  return new BuildError(`QEMU's monitor did not carry out ${JSON.stringify(command)}: ${why}`);
}

function notAnswered(waiting: Waiting, limitMs: number): BuildError {
  const { message } = notDone(waiting, `QEMU has not answered for ${formatDuration(limitMs)}`);
  return new BuildError(message, {
    hint: "QEMU hangs: was its process stopped, or does the disk that it writes to (a network drive) not answer any more?",
  });
}
