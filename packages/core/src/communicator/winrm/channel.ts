// One connection to WinRM: HTTP/1.1 with login. NTLM logs in a connection, not a request, so a connection carries one request after the
// other and is never shared; sealed messages are numbered on top of that.
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CommunicatorError, errorText } from "../../diagnostics/error.ts";
import { onAbort, throwIfAborted } from "../abort.ts";
import { type Endpoint, type Line, openLine, serviceUrl } from "./endpoint.ts";
import { ConnectionLost, noWinrm, refusedLogin } from "./fault.ts";
import { answerChallenge, type NtlmCredentials, negotiateMessage } from "./ntlm.ts";
import { SEALED_CONTENT_TYPE, Sealing } from "./sealing.ts";

/** Who logs in, and how. */
export interface Login extends NtlmCredentials {
  readonly usesNtlm: boolean;
}

/** Where a connection leads, and who logs in over it. */
export interface ChannelOptions {
  readonly endpoint: Endpoint;
  readonly login: Login;
  readonly dialMs: number;
  readonly signal: AbortSignal;
}

/** An answer that is not about the login. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** Contract: one `post` at a time. After an error, or once it is not usable any more, it is destroyed. */
export class Channel {
  /** The address of the service, for the messages themselves. */
  readonly url: string;
  /** When it was last used, in milliseconds of `performance.now`. */
  usedAt = performance.now();
  readonly #line: Line;
  readonly #login: Login;
  readonly #endpoint: Endpoint;
  readonly #agent: Agent;
  #isLoggedIn = false;
  #sealing: Sealing | undefined;

  private constructor(line: Line, { endpoint, login }: ChannelOptions) {
    this.url = serviceUrl(endpoint).href;
    this.#line = line;
    this.#login = login;
    this.#endpoint = endpoint;
    this.#agent = new OneSocketAgent(line.socket);
    // Between requests nobody else listens, and a connection that breaks then is found out when it is needed.
    line.socket.on("error", () => {});
  }

  /** Connects. Throws what `openLine` throws. */
  static async open(options: ChannelOptions): Promise<Channel> {
    return new Channel(await openLine(options.endpoint, options), options);
  }

  get isUsable(): boolean {
    return !this.#line.socket.destroyed && this.#line.socket.writable;
  }

  destroy(): void {
    this.#agent.destroy();
    this.#line.socket.destroy();
  }

  /**
   * Sends a message, after logging in where that is due, and waits for the answer, each time for `limitMs` at most. Throws
   * `CommunicatorError`: TPK5002 for a refused login, `ConnectionLost`, TPK5001 for what is no WinRM; a cancellation on abort.
   */
  async post(message: string, limits: PostLimits): Promise<Answer> {
    const body = Buffer.from(message);
    const answer = this.#login.usesNtlm ? await this.#postNtlm(body, limits) : await this.#postBasic(body, limits);
    this.usedAt = performance.now();
    return answer;
  }

  /**
   * Asks for nothing, without credentials, where the machine would get them with the first message. It answers that at once, however long
   * it takes for what comes next, and one that does not take basic authentication never sees the password. Throws what `post` throws.
   */
  async knock(limits: PostLimits): Promise<void> {
    if (this.#login.usesNtlm) return;
    const { message } = await this.#exchange(Buffer.alloc(0), {}, limits);
    if (message.statusCode === 401 && !schemesOf(message).some((scheme) => /^basic$/i.test(scheme))) throw this.#refused(message);
  }

  async #postBasic(body: Buffer, limits: PostLimits): Promise<Answer> {
    const credentials = Buffer.from(`${this.#login.user}:${this.#login.password}`).toString("base64");
    const { message, bytes } = await this.#exchange(body, { authorization: `Basic ${credentials}` }, limits);
    if (message.statusCode === 401) throw this.#refused(message);
    return toAnswer(message, bytes);
  }

  async #postNtlm(body: Buffer, limits: PostLimits): Promise<Answer> {
    if (!this.#isLoggedIn) {
      const first = await this.#logIn(body, limits);
      if (first !== undefined) return first;
    }
    const sealing = this.#sealing;
    if (sealing === undefined) {
      const { message, bytes } = await this.#exchange(body, {}, limits);
      if (message.statusCode === 401) throw this.#refused(message);
      return toAnswer(message, bytes);
    }
    const { message, bytes } = await this.#exchange(sealing.wrap(body), { "content-type": SEALED_CONTENT_TYPE }, limits);
    if (message.statusCode === 401) throw this.#refused(message);
    if (/^multipart\/encrypted\b/i.test(message.headers["content-type"] ?? "")) {
      return { status: message.statusCode ?? 0, contentType: "application/soap+xml", body: sealing.unwrap(bytes) };
    }
    if (message.statusCode === 200)
      throw new CommunicatorError("the machine answered a sealed message with one that is not", { code: "TPK5004" });
    return toAnswer(message, bytes);
  }

  /**
   * The handshake of NTLM (RFC 4559 §4 has its headers). Over plain HTTP it ends with an empty message, and what follows is sealed;
   * over HTTPS it ends with the first message itself, whose answer is returned.
   */
  async #logIn(body: Buffer, limits: PostLimits): Promise<Answer | undefined> {
    const seals = !this.#endpoint.usesTls;
    const empty = Buffer.alloc(0);
    const start = (scheme: string): Promise<Exchange> =>
      this.#exchange(empty, { authorization: `${scheme} ${negotiateMessage(seals).toString("base64")}` }, limits);
    let scheme = "Negotiate";
    let { message: challenge } = await start(scheme);
    if (
      challenge.statusCode === 401 &&
      tokenOf(challenge, scheme) === undefined &&
      schemesOf(challenge).includes("NTLM") &&
      this.isUsable
    ) {
      scheme = "NTLM";
      ({ message: challenge } = await start(scheme));
    }
    const token = challenge.statusCode === 401 ? tokenOf(challenge, scheme) : undefined;
    if (challenge.statusCode === 401 && token === undefined) throw this.#refused(challenge);
    if (token === undefined) throw noWinrm(this.where, challenge.statusCode ?? 0);
    const { message: answered, sessionKey } = answerChallenge(token, { credentials: this.#login, seals });
    const authorization = `${scheme} ${answered.toString("base64")}`;
    const { message, bytes } = await this.#exchange(seals ? empty : body, { authorization }, limits);
    if (message.statusCode === 401) throw this.#refused(message, scheme);
    this.#isLoggedIn = true;
    if (!seals) return toAnswer(message, bytes);
    this.#sealing = new Sealing(sessionKey);
    return undefined;
  }

  /** Host and port, for messages and for the Host header. */
  get where(): string {
    return new URL(this.url).host;
  }

  /** `tried`: the scheme that got as far as the password. */
  #refused(message: IncomingMessage, tried?: string): CommunicatorError {
    const { user, usesNtlm } = this.#login;
    const offered = [...new Set([...schemesOf(message), ...(tried === undefined ? [] : [tried])])];
    return refusedLogin({ user, usesNtlm, usesTls: this.#endpoint.usesTls, offered });
  }

  async #exchange(
    body: Buffer,
    headers: { readonly [name: string]: string },
    { signal, limitMs, answered }: PostLimits,
  ): Promise<Exchange> {
    throwIfAborted(signal);
    if (!this.isUsable) throw new ConnectionLost(this.where, "it was closed");
    const request = httpRequest({
      agent: this.#agent,
      method: "POST",
      path: this.#line.target,
      headers: {
        host: this.where,
        "user-agent": "tspack",
        "content-type": "application/soap+xml;charset=UTF-8",
        "content-length": body.length,
        ...this.#line.headers,
        ...headers,
      },
    });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      request.destroy();
    }, limitMs);
    const forget = onAbort(signal, () => request.destroy());
    try {
      const message = await new Promise<IncomingMessage>((resolve, reject) => {
        request.once("response", resolve);
        // Stays: what goes wrong later is told to the reader of the body as well.
        request.on("error", reject);
        request.end(body);
      });
      answered?.();
      const bytes = await wholeBody(message);
      if (message.httpVersion === "1.0" || /\bclose\b/i.test(message.headers.connection ?? "")) this.destroy();
      return { message, bytes };
    } catch (error) {
      // The rest of an answer that was given up may still come, and must not be taken for the next one.
      this.destroy();
      throwIfAborted(signal);
      if (error instanceof CommunicatorError) throw error;
      if (isLate) throw new ConnectionLost(this.where, `no answer within ${limitMs / 1000} s`);
      const known = knownReason(error);
      // Node's own words for these would say it twice.
      throw known === undefined ? new ConnectionLost(this.where, errorText(error), error) : new ConnectionLost(this.where, known);
    } finally {
      clearTimeout(timer);
      forget();
    }
  }
}

/** How long a message may take, and who hears of its answer. */
export interface PostLimits {
  readonly signal: AbortSignal;
  /** For each request and its answer. */
  readonly limitMs: number;
  /** Called when the machine has said something. */
  readonly answered?: (() => void) | undefined;
}

// --- internal ---

interface Exchange {
  readonly message: IncomingMessage;
  readonly bytes: Buffer;
}

/** Windows sends what we ask for, 150 KiB, and some more for sealing. */
const LARGEST_ANSWER = 1024 * 1024;

/** Gives out one socket, for one request after the other. */
class OneSocketAgent extends Agent {
  readonly #socket: Duplex;

  constructor(socket: Duplex) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#socket = socket;
  }

  override createConnection(): Duplex {
    return this.#socket;
  }
}

async function wholeBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > LARGEST_ANSWER) throw new CommunicatorError("the machine sent an answer of more than 1 MiB", { code: "TPK5004" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toAnswer(message: IncomingMessage, body: Buffer): Answer {
  return { status: message.statusCode ?? 0, contentType: message.headers["content-type"] ?? "", body };
}

function schemesOf(message: IncomingMessage): readonly string[] {
  return (message.headersDistinct["www-authenticate"] ?? []).flatMap((value) => /^\s*([A-Za-z0-9-]{1,40})/.exec(value)?.[1] ?? []);
}

function tokenOf(message: IncomingMessage, scheme: string): Buffer | undefined {
  for (const value of message.headersDistinct["www-authenticate"] ?? []) {
    const [, name, token] = /^\s*([A-Za-z]+)\s+([A-Za-z0-9+/]+=*)\s*$/.exec(value) ?? [];
    if (name?.toLowerCase() === scheme.toLowerCase() && token !== undefined) return Buffer.from(token, "base64");
  }
  return undefined;
}

const reasons: { readonly [code: string]: string } = { ECONNRESET: "it was reset", EPIPE: "it was closed", ETIMEDOUT: "no answer" };

function knownReason(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? reasons[String(error.code)] : undefined;
}
