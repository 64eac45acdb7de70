import { constants } from "node:os";
import type { ClientChannel } from "ssh2";
import { DISCONNECT_EXIT_CODE } from "../../sdk/communicator.ts";

/**
 * A command that runs on the machine. Made in the very moment its channel opens: a short command has ended a moment later, and
 * ssh2 says so once.
 */
export class RemoteProcess {
  readonly channel: ClientChannel;
  /**
   * Resolves when the command has ended and both of its streams have been read: with its exit code, with 128 and the number of
   * the signal that ended it, or with `DISCONNECT_EXIT_CODE` when neither came (row CON-06).
   */
  readonly ended: Promise<number>;
  /** Resolves when the command takes no more input, though its output may be unread. */
  readonly gone: Promise<void>;
  #isGone = false;

  constructor(channel: ClientChannel) {
    this.channel = channel;
    let exitCode = DISCONNECT_EXIT_CODE;
    let setGone = (): void => {};
    this.gone = new Promise((resolve) => {
      setGone = () => {
        this.#isGone = true;
        resolve();
      };
    });
    channel.once("exit", (code: number | null, signal?: string) => {
      exitCode = code ?? 128 + (signalNumber(signal) ?? 0);
      setGone();
    });
    const closed = new Promise<void>((resolve) => channel.once("close", () => resolve()));
    const errorsRead = new Promise<void>((resolve) => {
      channel.stderr.once("close", () => {
        // The channel itself says that it is closed once its output has been read; its error stream, which is always read, before.
        setGone();
        resolve();
      });
    });
    this.ended = Promise.all([closed, errorsRead]).then(() => exitCode);
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Gives the command up: closes its channel, and drops what still comes from it. */
  abandon(): void {
    this.channel.unpipe();
    this.channel.stderr.unpipe();
    this.channel.close();
    this.channel.resume();
    this.channel.stderr.resume();
  }
}

function signalNumber(name: string | undefined): number | undefined {
  return Object.entries(constants.signals).find(([known]) => known === name)?.[1];
}
