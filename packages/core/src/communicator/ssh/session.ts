// The one connection that all steps of a build share: opens channels on it, queues where the machine allows no more of them,
// and makes it anew when it was lost (row CON-05).
import type { EventEmitter } from "node:events";
import type { Client, ClientChannel, ExecOptions, SFTPWrapper } from "ssh2";
import { CommunicatorError, errorText, isCancellation } from "../../diagnostics/error.ts";
import { orAborted, pause, throwIfAborted } from "../abort.ts";
import type { Machine } from "./machine.ts";
import { RemoteProcess } from "./remote-process.ts";

type Opener<T> = (client: Client, done: (error: Error | undefined, channel: T) => void) => void;

/** Waits after a refusal though nothing of ours is open: the machine may still be closing what we closed. */
const REFUSAL_PAUSES_MS = [20, 50, 100, 200, 400];

/** A pooled connection. `close` it once, whatever happened. */
export class SshSession {
  readonly #reconnect: (signal: AbortSignal) => Promise<Machine>;
  readonly #forwardsAgent: boolean;
  readonly #closing = new AbortController();
  #machine: Machine;
  #reconnecting: Promise<Machine> | undefined;
  #openChannels = 0;
  readonly #waiting: (() => void)[] = [];
  #agentRefused = false;

  constructor(machine: Machine, options: { readonly forwardsAgent: boolean; reconnect(signal: AbortSignal): Promise<Machine> }) {
    this.#machine = machine;
    this.#forwardsAgent = options.forwardsAgent;
    this.#reconnect = options.reconnect;
  }

  /** The connection as it is now; a new one after a reconnection. */
  get machine(): Machine {
    return this.#machine;
  }

  /** Starts a command. The caller reads both streams to their end or closes the channel. */
  async exec(command: string, signal: AbortSignal, pty?: ExecOptions["pty"]): Promise<RemoteProcess> {
    const options: ExecOptions = pty === undefined ? {} : { pty };
    if (this.#forwardsAgent && !this.#agentRefused) {
      try {
        // An option that ssh2 has and its types do not.
        const forwarding: ExecOptions & { readonly agentForward: boolean } = { ...options, agentForward: true };
        return await this.#open((client, done) => client.exec(command, forwarding, done), toProcess, signal);
      } catch (error) {
        if (!/agent forwarding/.test(errorText(error))) throw error;
        // The machine does not allow it, which is no reason to fail. Asking once is enough.
        this.#agentRefused = true;
      }
    }
    return this.#open((client, done) => client.exec(command, options, done), toProcess, signal);
  }

  /**
   * Opens an SFTP session and hands it to `use` at once, before anything can have happened to it. The caller ends it. Throws
   * `CommunicatorError` when the machine has no SFTP.
   */
  async sftp<R>(use: (sftp: SFTPWrapper) => R, signal: AbortSignal): Promise<R> {
    return this.#open((client, done) => client.sftp(done), use, signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // A reconnection under way ends by the signal; what it made in the last moment has to be closed too.
    const late = await this.#reconnecting?.catch(() => undefined);
    await this.#machine.close();
    if (late !== undefined && late !== this.#machine) await late.close();
  }

  async #open<T extends EventEmitter, R>(start: Opener<T>, use: (channel: T) => R, signal: AbortSignal): Promise<R> {
    let refusals = 0;
    let reconnected = false;
    for (;;) {
      throwIfAborted(signal);
      const machine = this.#machine;
      if (machine.isClosed || this.#reconnecting !== undefined) {
        // A machine that hangs up on every connection is not asked for ever.
        if (reconnected && machine.isClosed) throw new CommunicatorError("the machine closes its connections", { code: "TPK5004" });
        reconnected = true;
        await this.#connectAgain(machine, signal);
        continue;
      }
      try {
        return await this.#openOn(machine, start, use, signal);
      } catch (error) {
        if (isCancellation(error)) throw error;
        if (isChannelRefusal(error)) {
          if (this.#openChannels > 0) {
            await this.#channelClosed(signal);
            continue;
          }
          const wait = REFUSAL_PAUSES_MS[refusals++];
          if (wait !== undefined) {
            await pause(wait, signal);
            continue;
          }
        } else if (!machine.isClosed && !isConnectionLoss(error)) {
          throw new CommunicatorError(`the machine refused the request: ${errorText(error)}`, { code: "TPK5006", cause: error });
        }
        if (reconnected) {
          throw new CommunicatorError(`the machine opens no session: ${errorText(error)}`, { code: "TPK5004", cause: error });
        }
        reconnected = true;
        await this.#connectAgain(machine, signal);
      }
    }
  }

  async #openOn<T extends EventEmitter, R>(machine: Machine, start: Opener<T>, use: (channel: T) => R, signal: AbortSignal): Promise<R> {
    let abandoned = false;
    const opened = new Promise<R>((resolve, reject) => {
      start(machine.client, (error, channel) => {
        if (error !== undefined) {
          reject(error);
          return;
        }
        // What goes wrong with a channel closes it, which is how its user hears of it; unheard errors would end the process.
        channel.on("error", () => {});
        this.#openChannels += 1;
        channel.once("close", () => {
          this.#openChannels -= 1;
          this.#waiting.shift()?.();
        });
        if (abandoned) closeChannel(channel);
        resolve(use(channel));
      });
    });
    try {
      return await orAborted(opened, signal);
    } catch (error) {
      abandoned = true;
      // Its outcome is of no interest any more, but must not count as unhandled.
      opened.catch(() => {});
      throw error;
    }
  }

  async #channelClosed(signal: AbortSignal): Promise<void> {
    let wake = (): void => {};
    const closed = new Promise<void>((resolve) => {
      wake = resolve;
      this.#waiting.push(wake);
    });
    try {
      await orAborted(closed, signal);
    } catch (error) {
      const index = this.#waiting.indexOf(wake);
      if (index >= 0) this.#waiting.splice(index, 1);
      else this.#waiting.shift()?.();
      throw error;
    }
  }

  /** One reconnection for all who wait for it. It does not end when one of them loses interest. */
  async #connectAgain(lost: Machine, signal: AbortSignal): Promise<void> {
    if (this.#machine !== lost) return;
    this.#reconnecting ??= (async () => {
      try {
        await lost.close();
        const machine = await this.#reconnect(this.#closing.signal);
        this.#machine = machine;
        return machine;
      } finally {
        this.#reconnecting = undefined;
      }
    })();
    await orAborted(this.#reconnecting, signal);
  }
}

// --- internal ---

const toProcess = (channel: ClientChannel): RemoteProcess => new RemoteProcess(channel);

/** The server said no to a channel, as OpenSSH does beyond MaxSessions; a number tells it from a lost connection. */
function isChannelRefusal(error: unknown): boolean {
  return error instanceof Error && "reason" in error && typeof error.reason === "number";
}

/** ssh2's words for a connection that is going down; its events may be a moment behind. */
function isConnectionLoss(error: unknown): boolean {
  return error instanceof Error && /^(Not connected|No response from server)$/.test(error.message);
}

function closeChannel(channel: EventEmitter): void {
  if ("end" in channel && typeof channel.end === "function") channel.end();
  if ("close" in channel && typeof channel.close === "function") channel.close();
  if ("resume" in channel && typeof channel.resume === "function") channel.resume();
}
