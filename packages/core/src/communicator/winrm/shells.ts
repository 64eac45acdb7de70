// Commands on the machine: each in a shell of its own, so that it sees what commands before it changed for everybody (PATH after an
// installation). MS-WSMV §3.1.4.
import { setTimeout as wait } from "node:timers/promises";
import { CancelledError, CommunicatorError, TspackError } from "../../diagnostics/error.ts";
import { onAbort, orAborted, pause, throwIfAborted } from "../abort.ts";
import type { WinrmClient } from "./client.ts";
import { ConnectionLost, WinrmFault } from "./fault.ts";
import { type Output, readCommandId, readOutput, readShellId } from "./soap.ts";

/** Input for a command, in order; the last block says so and may be empty. None is larger than `SEND_BYTES`. */
export interface InputBlock {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** A command, its streams, and who hears of it. */
export interface ShellCommand {
  /** As cmd.exe reads it. */
  readonly command: string;
  /** What it throws ends the command, and is thrown. */
  readonly input?: AsyncIterable<InputBlock> | undefined;
  /** Takes output as it comes; nothing more is asked for before it is done. */
  readonly onOutput: (piece: Output["pieces"][number]) => Promise<void>;
  readonly signal: AbortSignal;
  /** Called when the machine has said something. */
  readonly answered?: (() => void) | undefined;
  /** Called when the machine has started the command. */
  readonly started?: (() => void) | undefined;
}

/** How time passes between the questions for a command's output. */
export interface ReceiveClock {
  /** In milliseconds, from any beginning. */
  now(): number;
  /** Rejects with a cancellation on abort. */
  pause(durationMs: number, signal: AbortSignal): Promise<void>;
}

/** Contract: any number of commands at once; those that would exceed the quota of old Windows wait. `close` ends what is left over. */
export class RemoteShells {
  readonly #client: WinrmClient;
  readonly #clock: ReceiveClock;
  readonly #leftovers = new Set<Promise<unknown>>();
  readonly #waiting: (() => void)[] = [];
  #open = 0;

  constructor(client: WinrmClient, clock: ReceiveClock = { now: () => performance.now(), pause }) {
    this.#client = client;
    this.#clock = clock;
  }

  /**
   * Runs a command to its end. The exit code; undefined when the connection or the shell was lost while it ran. Throws
   * `CommunicatorError` when it cannot be started, or was ended because its streams failed, and a cancellation on abort, which ends it on
   * the machine.
   */
  async run(task: ShellCommand): Promise<number | undefined> {
    await this.#enter(task.signal);
    const shellId = await this.#create(task);
    const running: { commandId?: string } = {};
    try {
      const exitCode = await this.#runIn(shellId, running, task);
      this.#later(this.#discard(shellId, undefined));
      return exitCode;
    } catch (error) {
      const discarding = this.#discard(shellId, running.commandId);
      this.#later(discarding);
      // What was cancelled is to have ended when the caller goes on, unless the machine takes its time.
      await Promise.race([discarding, wait(TERMINATION_MS, undefined, { ref: false })]);
      throwIfAborted(task.signal);
      if (isLoss(error)) return undefined;
      throw error;
    }
  }

  /** Waits for a while until the machine has ended what is left over. */
  async close(): Promise<void> {
    const end = new AbortController();
    await Promise.race([Promise.all(this.#leftovers), wait(CLOSING_MS, undefined, { signal: end.signal }).catch(() => {})]);
    end.abort();
  }

  /** Makes a shell. One that comes when nobody wants it any more is deleted, but for that of an attempt to connect, which ends at once. */
  async #create({ signal, answered }: ShellCommand): Promise<string> {
    const end = new AbortController();
    const making = this.#requestShell({ signal: answered === undefined ? end.signal : signal, answered });
    try {
      return await orAborted(making, signal);
    } catch (error) {
      const timer = setTimeout(() => end.abort(), DISCARDING_MS);
      const unwanted = making.then(
        (shellId) => this.#discard(shellId, undefined),
        () => this.#leave(),
      );
      this.#later(unwanted.finally(() => clearTimeout(timer)));
      throw error;
    }
  }

  async #requestShell(options: { readonly signal: AbortSignal; readonly answered: (() => void) | undefined }): Promise<string> {
    const id = readShellId(await this.#client.perform({ kind: "create" }, options));
    if (id === undefined) throw new CommunicatorError("the machine made a shell without an id", { code: "TPK5004" });
    return id;
  }

  async #runIn(shellId: string, running: { commandId?: string }, task: ShellCommand): Promise<number> {
    const { command, input, onOutput, signal } = task;
    const start = { kind: "command", shellId, command, hasInput: input !== undefined } as const;
    const commandId = readCommandId(await this.#client.perform(start, { signal }));
    if (commandId === undefined) throw new CommunicatorError("the machine started a command without an id", { code: "TPK5004" });
    running.commandId = commandId;
    task.started?.();
    const stop = new AbortController();
    const forget = onAbort(signal, () => stop.abort());
    let inputFailure: { readonly error: unknown } | undefined;
    const sending = input === undefined ? undefined : this.#send({ shellId, commandId, input, signal: stop.signal });
    sending?.catch((error: unknown) => {
      if (!stop.signal.aborted) inputFailure = { error };
      stop.abort();
    });
    try {
      for (let nothings = 0; ; ) {
        const askedAt = this.#clock.now();
        const output = await this.#receive({ shellId, commandId, signal: stop.signal });
        for (const piece of output?.pieces ?? []) await onOutput(piece);
        if (output?.exitCode !== undefined) return output.exitCode;
        // Windows waits until there is something. What answers at once that there is nothing, a broken proxy, would be asked without end.
        const isNothing = (output?.pieces ?? []).length === 0 && this.#clock.now() - askedAt < AT_ONCE_MS;
        nothings = isNothing ? nothings + 1 : 0;
        if (nothings > 0) await this.#clock.pause(Math.min(FIRST_PAUSE_MS * 2 ** (nothings - 1), LONGEST_PAUSE_MS), stop.signal);
      }
    } catch (error) {
      throw inputFailure === undefined ? error : inputFailure.error;
    } finally {
      stop.abort();
      forget();
    }
  }

  /** What the command said since it was last asked; undefined when that was nothing in the time that the machine waits. */
  async #receive({ shellId, commandId, signal }: Running): Promise<Output | undefined> {
    try {
      const output = readOutput(await this.#client.perform({ kind: "receive", shellId, commandId }, { signal }));
      if (output === undefined)
        throw new CommunicatorError("the machine answered something else than a command's output", { code: "TPK5004" });
      return output;
    } catch (error) {
      if (error instanceof WinrmFault && error.isTimeout) return undefined;
      throw error;
    }
  }

  async #send({ shellId, commandId, input, signal }: Running & { readonly input: AsyncIterable<InputBlock> }): Promise<void> {
    for await (const { bytes, isLast } of input) {
      throwIfAborted(signal);
      try {
        await this.#client.perform({ kind: "send", shellId, commandId, input: bytes, isLast }, { signal });
      } catch (error) {
        // A command that takes no more input, or has ended: what it makes of that is its result. One that did not take it in time may have a part.
        if (error instanceof WinrmFault && !error.isShellGone && !error.isTimeout) return;
        throw error;
      }
    }
  }

  /** Ends a command and its shell, best effort: a machine that is gone has neither. */
  async #discard(shellId: string, commandId: string | undefined): Promise<void> {
    const signal = AbortSignal.timeout(DISCARDING_MS);
    try {
      if (commandId !== undefined) await this.#client.perform({ kind: "terminate", shellId, commandId }, { signal });
    } catch {
      // Deleting the shell ends it as well.
    }
    try {
      await this.#client.perform({ kind: "delete", shellId }, { signal });
    } catch {
      // The machine deletes a shell by itself when nobody has asked for it in a while.
    } finally {
      this.#leave();
    }
  }

  #later(work: Promise<unknown>): void {
    this.#leftovers.add(work);
    void work.finally(() => this.#leftovers.delete(work));
  }

  async #enter(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (this.#open < MOST_SHELLS) {
      this.#open += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        forget();
        resolve();
      };
      const forget = onAbort(signal, () => {
        const place = this.#waiting.indexOf(enter);
        if (place >= 0) this.#waiting.splice(place, 1);
        reject(new CancelledError());
      });
      this.#waiting.push(enter);
    });
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#open -= 1;
    else next();
  }
}

// --- internal ---

interface Running {
  readonly shellId: string;
  readonly commandId: string;
  readonly signal: AbortSignal;
}

/** Windows before 2012 allows a user five shells; one is left to whoever else logs in. */
const MOST_SHELLS = 4;
/** How long a cancelled command may take to end, and how long tidying up may take at all, in milliseconds. */
const TERMINATION_MS = 1_000;
const DISCARDING_MS = 10_000;
const CLOSING_MS = 5_000;

/** An answer without output that came so quickly was not waited for: Windows takes the time-out of the operation, which is many seconds. */
const AT_ONCE_MS = 500;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 1_000;

/** The connection went away, cannot be made again, or leads to a machine that does not know the shell any more. */
function isLoss(error: unknown): boolean {
  if (error instanceof WinrmFault) return error.isShellGone;
  return error instanceof ConnectionLost || (TspackError.is(error) && error.code === "TPK5001");
}
