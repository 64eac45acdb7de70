// The operations of WinRM for any number of callers at once: connections are opened as they are needed and used again.
import { CommunicatorError } from "../../diagnostics/error.ts";
import { type Answer, Channel, type Login, type PostLimits } from "./channel.ts";
import type { Endpoint } from "./endpoint.ts";
import { ConnectionLost, findFault, noWinrm, WinrmFault } from "./fault.ts";
import { type Operation, toMessage } from "./soap.ts";
import { parseXml, type XmlElement, XmlError } from "./xml.ts";

/** Where the machine is, who logs in, and how long things may take. */
export interface ClientOptions {
  /** Where the machine is; asked again for every connection. */
  readonly endpoint: (signal: AbortSignal) => Promise<Endpoint>;
  readonly login: Login;
  /** For a TCP connection, and for TLS over it. */
  readonly dialMs: number;
  /** How long the machine waits for output of a command before it says that there is none. */
  readonly receiveMs: number;
  /** How long it may take for anything else. */
  readonly operationMs: number;
  /** How much longer than that an answer may take. */
  readonly slackMs: number;
}

/** Contract: any number of operations at a time, each over a connection of its own. Whoever made it calls `close`. */
export class WinrmClient {
  readonly #options: ClientOptions;
  /** Most recently used last. */
  readonly #idle: Channel[] = [];
  readonly #busy = new Set<Channel>();
  #isClosed = false;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * Does an operation and returns its answer. Throws `WinrmFault` for what the machine refuses, `ConnectionLost`, other
   * `CommunicatorError`s for what is no WinRM or lets nobody in, and a cancellation on abort. With `answered`, which is called when the
   * machine has said something, it is made to say something first.
   */
  async perform(
    operation: Operation,
    options: { readonly signal: AbortSignal; readonly answered?: (() => void) | undefined },
  ): Promise<XmlElement> {
    const limits: PostLimits = { ...options, limitMs: this.#timeoutMs(operation) + this.#options.slackMs };
    const known = this.#takeIdle();
    if (known === undefined) return this.#performOn(await this.#openFor(limits), operation, limits);
    try {
      return await this.#performOn(known, operation, limits);
    } catch (error) {
      // A connection from before a restart is found out here. To make a shell twice does no harm; anything else may have been done.
      if (!(error instanceof ConnectionLost) || operation.kind !== "create") throw error;
      this.#dropIdle();
      return this.#performOn(await this.#open(options.signal), operation, limits);
    }
  }

  /** Closes all connections; what is under way fails. */
  close(): void {
    this.#isClosed = true;
    this.#dropIdle();
    for (const channel of this.#busy) channel.destroy();
  }

  #timeoutMs({ kind }: Operation): number {
    return kind === "receive" ? this.#options.receiveMs : this.#options.operationMs;
  }

  async #performOn(channel: Channel, operation: Operation, limits: PostLimits): Promise<XmlElement> {
    this.#busy.add(channel);
    try {
      const message = toMessage(operation, { to: channel.url, timeoutMs: this.#timeoutMs(operation) });
      const answer = readAnswer(await channel.post(message, limits), channel);
      this.#giveBack(channel);
      return answer;
    } catch (error) {
      // A fault is an answer like any other.
      if (error instanceof WinrmFault) this.#giveBack(channel);
      else channel.destroy();
      throw error;
    } finally {
      this.#busy.delete(channel);
    }
  }

  async #open(signal: AbortSignal): Promise<Channel> {
    if (this.#isClosed) throw new CommunicatorError("the WinRM connection has been closed", { code: "TPK5004" });
    const { endpoint, login, dialMs } = this.#options;
    return Channel.open({ endpoint: await endpoint(signal), login, dialMs, signal });
  }

  async #openFor(limits: PostLimits): Promise<Channel> {
    const channel = await this.#open(limits.signal);
    if (limits.answered === undefined) return channel;
    try {
      await channel.knock(limits);
    } catch (error) {
      channel.destroy();
      throw error;
    }
    return channel.isUsable ? channel : this.#open(limits.signal);
  }

  #giveBack(channel: Channel): void {
    if (this.#isClosed || !channel.isUsable || this.#idle.length >= MOST_IDLE) channel.destroy();
    else this.#idle.push(channel);
  }

  #takeIdle(): Channel | undefined {
    for (let channel = this.#idle.pop(); channel !== undefined; channel = this.#idle.pop()) {
      if (channel.isUsable && performance.now() - channel.usedAt < IDLE_MS) return channel;
      channel.destroy();
    }
    return undefined;
  }

  #dropIdle(): void {
    for (const channel of this.#idle.splice(0)) channel.destroy();
  }
}

// --- internal ---

/** Windows closes connections that stood idle for two minutes; one that is about to be closed is not used any more. */
const IDLE_MS = 60_000;
const MOST_IDLE = 8;

/** The answer's XML; a fault in it is thrown. Faults come with an HTTP status of their own, mostly 500. */
function readAnswer({ status, contentType, body }: Answer, { where }: Channel): XmlElement {
  if (!/^application\/soap\+xml\b/i.test(contentType)) throw noWinrm(where, status);
  try {
    const answer = parseXml(body.toString());
    const fault = findFault(answer);
    if (fault !== undefined) throw fault;
    if (status !== 200) throw noWinrm(where, status);
    return answer;
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw new CommunicatorError(`the answer of ${where} cannot be read: ${error.message}`, { code: "TPK5004", cause: error });
  }
}
