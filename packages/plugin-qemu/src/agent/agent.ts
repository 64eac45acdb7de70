// The QEMU guest agent: a program in the guest that answers questions over a virtual serial port (QEMU Guest Agent Protocol; row QM-194).
import type { Duplex } from "node:stream";
import { BuildError, CancelledError, formatDuration } from "@tspack/core/sdk";
import * as z from "zod";
import type { Qmp } from "../machine/qmp.ts";

/** The id of the port on QEMU's command line, which its events name. */
export const AGENT_PORT = "tspack-agent-port";

/** The name that a guest knows the port by. */
export const AGENT_PORT_NAME = "org.qemu.guest_agent.0";

export interface AgentQuestion {
  readonly args?: { readonly [name: string]: unknown } | undefined;
  /** How long the answer may take, in milliseconds, once the agent has shown that it listens. */
  readonly limitMs: number;
  /** How long it may take to show that, in milliseconds; 10 s unless given. */
  readonly listenMs?: number | undefined;
  /** The command is answered only when it is refused: with no answer in time it is carried out. */
  readonly isSilent?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** The agent of one machine, whether there is one or not. */
export interface GuestAgent {
  /** Whether a program of the guest has the port open. As long as none has, there is nobody to ask. */
  isThere(): boolean;
  /**
   * Asks, and resolves to the answer, which is the guest's own and may be anything. Questions are asked one after another. Throws a `BuildError` when the agent refuses,
   * is not there or does not answer in time, or says more than is taken; a cancellation on abort.
   */
  ask(command: string, question: AgentQuestion): Promise<unknown>;
}

/** The agent behind a port of ours that `AGENT_PORT` names; to be called as soon as the machine exists. */
export function watchAgent(port: Duplex, qmp: Qmp): GuestAgent {
  return new AgentPort(port, qmp);
}

// --- internal ---

const LISTEN_MS = 10_000;
/** An answer is never this long, in bytes. */
const LONGEST_ANSWER = 1024 * 1024;
/** Questions that nobody has taken, in bytes, where no more are asked. */
const MOST_UNREAD = 16 * 1024;
/** Makes the agent forget what it may have read of an earlier question; no JSON has it. */
const RESET = 0xff;

const answerSchema = z.object({ return: z.unknown() });
const refusalSchema = z.object({ error: z.object({ desc: z.string() }) });

/** Whoever waits for a message of the agent. */
interface Listener {
  take(message: unknown): void;
  fail(error: Error): void;
}

class AgentPort implements GuestAgent {
  readonly #port: Duplex;
  #isOpen = false;
  #listener: Listener | undefined;
  #pending: Buffer = Buffer.alloc(0);
  #lastSync = 0;
  /** The question that is being asked, and those that wait for it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(port: Duplex, qmp: Qmp) {
    this.#port = port;
    qmp.onEvent(({ event, data }) => {
      if (event === "VSERPORT_CHANGE" && data.id === AGENT_PORT) this.#isOpen = data.open === true;
    });
    port.on("data", (chunk: Buffer) => this.#take(chunk));
    port.on("error", () => undefined);
    port.once("close", () => {
      this.#isOpen = false;
      this.#listener?.fail(new BuildError("the machine has ended"));
    });
  }

  isThere(): boolean {
    return this.#isOpen;
  }

  ask(command: string, question: AgentQuestion): Promise<unknown> {
    const answer = this.#turn.then(() => this.#ask(command, question));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async #ask(command: string, { args, limitMs, listenMs = LISTEN_MS, isSilent = false, signal }: AgentQuestion): Promise<unknown> {
    if (!this.#isOpen || this.#port.writableLength > MOST_UNREAD) throw new BuildError("the guest's agent is not there");
    // Answers to questions that were given up come before this one's.
    const sync = ++this.#lastSync;
    const synced = this.#message((message) => answerSchema.safeParse(message).data?.return === sync, { limitMs: listenMs, signal });
    this.#port.write(Buffer.concat([Buffer.of(RESET), request("guest-sync-delimited", { id: sync })]));
    if ((await synced) === undefined) throw new BuildError(`the guest's agent has not answered for ${formatDuration(listenMs)}`);
    const answered = this.#message(() => true, { limitMs, signal });
    this.#port.write(request(command, args));
    const message = await answered;
    if (message === undefined) {
      if (isSilent) return undefined;
      throw new BuildError(`the guest's agent has not answered ${JSON.stringify(command)} for ${formatDuration(limitMs)}`);
    }
    const refusal = refusalSchema.safeParse(message);
    if (refusal.success) throw new BuildError(`the guest's agent refused ${JSON.stringify(command)}: ${plain(refusal.data.error.desc)}`);
    return answerSchema.safeParse(message).data?.return;
  }

  /** Resolves to the next message that is wanted, or to undefined after the time. Rejects on abort, and when what comes is no message. */
  #message(
    isWanted: (message: unknown) => boolean,
    { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const finish = (how: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
        this.#listener = undefined;
        how();
      };
      const abort = (): void => finish(() => reject(new CancelledError("cancelled", { cause: signal.reason })));
      const timer = setTimeout(() => finish(() => resolve(undefined)), limitMs);
      this.#listener = {
        take: (message) => isWanted(message) && finish(() => resolve(message)),
        fail: (error) => finish(() => reject(error)),
      };
      signal.addEventListener("abort", abort, { once: true });
      if (signal.aborted) abort();
    });
  }

  #take(chunk: Buffer): void {
    // What nobody asked for is not kept.
    this.#pending = this.#listener === undefined ? Buffer.alloc(0) : Buffer.concat([this.#pending, chunk]);
    for (let end = this.#pending.indexOf(NEWLINE); end !== -1; end = this.#pending.indexOf(NEWLINE)) {
      const line = this.#pending.subarray(0, end);
      this.#pending = this.#pending.subarray(end + 1);
      this.#receive(line.subarray(line.lastIndexOf(RESET) + 1).toString("utf8"));
    }
    if (this.#pending.length <= LONGEST_ANSWER) return;
    this.#pending = Buffer.alloc(0);
    this.#listener?.fail(new BuildError("the guest's agent sent an answer without an end"));
  }

  #receive(line: string): void {
    try {
      this.#listener?.take(JSON.parse(line));
    } catch {
      // Half an answer, or something else that writes to the port: the one that is waited for may still come.
    }
  }
}

const NEWLINE = 0x0a;

function request(command: string, args?: { readonly [name: string]: unknown }): Buffer {
  return Buffer.from(`${JSON.stringify(args === undefined ? { execute: command } : { execute: command, arguments: args })}\n`);
}

/** Words of the guest's for a line of ours. */
function plain(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}]+/gu, " ")
    .slice(0, 200)
    .trim();
}
