// A command's channel as a dialogue: write bytes, read bytes and lines, learn how it ended. For scp and tar.
import type { ClientChannel } from "ssh2";
import { CommunicatorError } from "../../diagnostics/error.ts";
import { DISCONNECT_EXIT_CODE } from "../../sdk/communicator.ts";
import { orAborted, throwIfAborted } from "../abort.ts";
import { printable } from "../printable.ts";
import type { RemoteProcess } from "./remote-process.ts";

/** This much of what the command says on its error stream is kept for messages. */
const ERROR_TEXT_LIMIT = 4_000;
const LINE_LIMIT = 65_536;

/**
 * Contract: one reader and one writer at a time; every wait rejects with a cancellation on abort. `release` it always: until
 * the command has ended that cuts it off.
 */
export class ChannelIo {
  readonly #process: RemoteProcess;
  readonly #channel: ClientChannel;
  readonly #signal: AbortSignal;
  #isRead = false;
  #wakeReader = (): void => {};
  #rest: Buffer = Buffer.alloc(0);
  #errorText = "";

  constructor(remote: RemoteProcess, signal: AbortSignal) {
    const { channel } = remote;
    this.#process = remote;
    this.#channel = channel;
    this.#signal = signal;
    channel.stderr.on("data", (chunk: Buffer) => {
      if (this.#errorText.length < ERROR_TEXT_LIMIT) this.#errorText += chunk.toString();
    });
    channel.on("readable", () => this.#wakeReader());
    channel.once("end", () => {
      this.#isRead = true;
      this.#wakeReader();
    });
  }

  /** True once the command has ended or closed its output. */
  get isAtEnd(): boolean {
    return this.#process.isGone || this.#isRead;
  }

  /** What the command said on its error stream, in one line. */
  get errorText(): string {
    return printable(this.#errorText.trim().replace(/\s*\n\s*/g, "; "));
  }

  /** Writes with back-pressure. Throws `ChannelEnded` when the command takes no more. */
  async write(chunk: Uint8Array | string): Promise<void> {
    throwIfAborted(this.#signal);
    if (this.#process.isGone || !this.#channel.writable) throw new ChannelEnded();
    if (this.#channel.write(chunk)) return;
    let drained = (): void => {};
    const drain = new Promise<void>((resolve) => {
      drained = resolve;
      this.#channel.once("drain", drained);
    });
    try {
      await orAborted(Promise.race([drain, this.#process.gone]), this.#signal);
    } finally {
      this.#channel.off("drain", drained);
    }
  }

  /** Ends the command's input. */
  end(): void {
    this.#channel.end();
  }

  /** The next bytes, at most `limit`; empty at the end. */
  async read(limit: number): Promise<Buffer> {
    await this.#fill();
    const bytes = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  /** The bytes up to the next line end, without it. */
  async line(): Promise<string> {
    let line = Buffer.alloc(0);
    for (;;) {
      await this.#fill();
      if (this.#rest.length === 0) throw new ChannelEnded();
      const end = this.#rest.indexOf(0x0a);
      line = Buffer.concat([line, end < 0 ? this.#rest : this.#rest.subarray(0, end)]);
      this.#rest = this.#rest.subarray(end < 0 ? this.#rest.length : end + 1);
      if (end >= 0) return line.toString();
      if (line.length > LINE_LIMIT) throw new CommunicatorError("the machine does not speak the scp protocol", { code: "TPK5005" });
    }
  }

  /** Waits for the end, dropping further output. The exit code; throws TPK5004 when the connection was lost. */
  async finish(): Promise<number> {
    this.#rest = Buffer.alloc(0);
    this.#channel.removeAllListeners("readable");
    this.#channel.resume();
    const exitCode = await orAborted(this.#process.ended, this.#signal);
    if (exitCode === DISCONNECT_EXIT_CODE) throw new CommunicatorError("the connection was lost", { code: "TPK5004" });
    return exitCode;
  }

  release(): void {
    this.#channel.removeAllListeners("readable");
    this.#process.abandon();
  }

  async #fill(): Promise<void> {
    while (this.#rest.length === 0) {
      throwIfAborted(this.#signal);
      const chunk: unknown = this.#channel.read();
      if (Buffer.isBuffer(chunk)) {
        this.#rest = chunk;
      } else if (this.#isRead) {
        return;
      } else {
        const more = new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
        await orAborted(more, this.#signal);
      }
    }
  }
}

/** The command ended, or its connection was lost, in the middle of a dialogue. `finish` knows which. */
export class ChannelEnded extends Error {
  constructor() {
    super("the command ended too early");
    this.name = "ChannelEnded";
  }
}
