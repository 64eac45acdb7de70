import type { Duplex } from "node:stream";
import type { Algorithms, Client, ConnectConfig } from "ssh2";
import { CommunicatorError, TspackError } from "../../diagnostics/error.ts";
import { formatDuration } from "../../sdk/config/duration.ts";
import { orAborted, throwIfAborted } from "../abort.ts";
import { NobodyThere } from "../dial.ts";
import { printable } from "../printable.ts";
import { type Credentials, Login, loginMethods } from "./auth.ts";
import { correctCertificateSignatures } from "./certificate.ts";
import { HostKeyCheck } from "./host-key.ts";

/** From an open connection to a session that is logged in. */
export interface Handshake {
  /** Owned by the client from here on; destroyed when the handshake fails. */
  readonly socket: Duplex;
  readonly credentials: Credentials;
  /** For messages: `the machine at 127.0.0.1:22`, `the bastion host at …`. */
  readonly peer: string;
  /** Accepted host keys; all, when there are none. */
  readonly fingerprints: readonly string[] | undefined;
  /** The option behind `fingerprints`, for the hint. */
  readonly fingerprintOption: string;
  readonly algorithms: Algorithms;
  readonly keepAliveMs: number;
  /** Longest silence of the peer; 0: no limit. */
  readonly readTimeoutMs: number;
  /** 0: no limit. */
  readonly limitMs: number;
  /** Agent that commands may ask to have forwarded. */
  readonly forwardAgent?: string | undefined;
  /** Called when the server has said something. */
  readonly answered?: (() => void) | undefined;
  readonly signal: AbortSignal;
}

/** A dead peer that never closes the connection is noticed after this long without an answer to keep-alive messages. */
const SILENCE_LIMIT_MS = 5 * 60_000;

/**
 * Exchanges keys and logs in. Throws `CommunicatorError`: TPK5002 when the credentials are refused, TPK5003 when the host key
 * is not a pinned one, TPK5001 for everything else: `NobodyThere` when the connection ends without a word of the peer.
 */
export async function handshake(request: Handshake): Promise<Client> {
  const { NodeSSH } = await import("node-ssh");
  // Cancelled while the library was loaded: nobody else knows of the socket.
  if (request.signal.aborted) request.socket.destroy();
  throwIfAborted(request.signal);
  const { username, answerer } = request.credentials;
  const unanswered: unknown[] = [];
  const noAnswer = (error: unknown): void => {
    unanswered.push(error);
    request.socket.destroy();
  };
  const methods = loginMethods(request.credentials, noAnswer);
  const login = new Login(methods, noAnswer);
  const hostKey = new HostKeyCheck(request.fingerprints);
  const ssh = new NodeSSH();
  const config: ConnectConfig = {
    sock: request.socket as NonNullable<ConnectConfig["sock"]>,
    username,
    authHandler: login.next,
    hostVerifier: hostKey.verify,
    algorithms: request.algorithms,
    // Ours, below: ssh2's would keep the process alive where it does not hear of the end of the socket.
    readyTimeout: 0,
    keepaliveInterval: Math.max(0, request.keepAliveMs),
    keepaliveCountMax: Math.max(3, Math.ceil(SILENCE_LIMIT_MS / Math.max(1, request.keepAliveMs))),
    ...(request.forwardAgent === undefined ? {} : { agent: request.forwardAgent }),
  };
  // The cast is for optional properties alone, which node-ssh's types spell more strictly than ssh2's.
  const connected = ssh.connect(config as Parameters<typeof ssh.connect>[0]);
  const client = ssh.connection;
  // ssh2 reads already: another listener takes nothing away from it.
  let hasAnswered = false;
  request.socket.once("data", () => {
    hasAnswered = true;
    request.answered?.();
  });
  // node-ssh stops listening once it is connected, and an error nobody listens to ends the process. `close` follows it.
  client?.on("error", () => {});
  let passwordExpired = false;
  client?.on("change password", () => {
    passwordExpired = true;
    request.socket.destroy();
  });
  if (client !== null && methods.some((method) => method.isCertified)) correctCertificateSignatures(client);
  let isLate = false;
  const limit =
    request.limitMs > 0
      ? setTimeout(() => {
          isLate = true;
          request.socket.destroy();
        }, request.limitMs)
      : undefined;
  // ssh2 hears nothing of a socket that was closed before it began to listen.
  const closed = new Promise<never>((_, reject) => {
    const lost = (): void => reject(new Error("No response from server"));
    if (request.socket.destroyed) lost();
    else request.socket.once("close", lost);
  });
  closed.catch(() => {});
  try {
    await orAborted(Promise.race([connected, closed]), request.signal);
    if (client === null || request.socket.destroyed) throw new Error("No response from server");
    if (request.readTimeoutMs > 0) limitSilence(request.socket, client, request.readTimeoutMs);
    return client;
  } catch (error) {
    request.socket.destroy();
    throwIfAborted(request.signal);
    const [cause] = unanswered;
    if (cause !== undefined) {
      if (TspackError.is(cause)) throw cause;
      throw new CommunicatorError(`a question of ${request.peer} could not be answered`, { code: "TPK6010", cause });
    }
    const reason = passwordExpired
      ? new CommunicatorError(`${request.peer} refused the credentials of ${username}: the password has expired`, { code: "TPK5002" })
      : explained(isLate ? late(request) : error, { request, login, hostKey, hasAnswered });
    if (reason.code === "TPK5002") answerer?.forget();
    throw reason;
  } finally {
    clearTimeout(limit);
  }
}

// --- internal ---

function late({ limitMs }: Handshake): Error {
  return new Error(`it did not finish the handshake within ${formatDuration(limitMs)}`);
}

interface Attempted {
  readonly request: Handshake;
  readonly login: Login;
  readonly hostKey: HostKeyCheck;
  readonly hasAnswered: boolean;
}

/** What went wrong, for the user. The library's error is kept as the cause only where its words say more than ours. */
function explained(error: unknown, { request, login, hostKey, hasAnswered }: Attempted): CommunicatorError {
  if (hostKey.refused !== undefined) {
    const expected = (request.fingerprints ?? []).join(", ");
    return new CommunicatorError(`${request.peer} showed the host key ${hostKey.refused}, but ${expected} is expected`, {
      code: "TPK5003",
      hint: `If this is the machine you mean, put its fingerprint into ${request.fingerprintOption}; otherwise somebody else answers at this address.`,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  const level = error instanceof Error && "level" in error ? error.level : undefined;
  if (level === "client-authentication" || level === "agent" || /too many authentication failures/i.test(message)) {
    return new CommunicatorError(`${request.peer} refused the credentials of ${request.credentials.username}: ${login.summary}`, {
      code: "TPK5002",
      hint: "Check the user name and that the machine has this key or password; look into the machine's own log for its reason.",
    });
  }
  if (/^Connection lost before handshake|^No response from server/.test(message)) {
    const text = `cannot talk SSH to ${request.peer}: it closed the connection before the handshake was done`;
    return hasAnswered ? new CommunicatorError(text, { code: "TPK5001" }) : new NobodyThere(text);
  }
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (!hasAnswered && (code === "ECONNRESET" || code === "EPIPE"))
    return new NobodyThere(`cannot talk SSH to ${request.peer}: ${message}`, error);
  // It may be the peer's own words, and the library's error would repeat them as they came.
  return new CommunicatorError(`cannot talk SSH to ${request.peer}: ${printable(message)}`, { code: "TPK5001" });
}

/** Ends the connection when nothing has come from the peer for so long (row COM-35). Keep-alive messages make a live peer speak. */
function limitSilence(socket: Duplex, client: Client, limitMs: number): void {
  const timer = setTimeout(() => socket.destroy(), limitMs);
  socket.on("data", () => timer.refresh());
  client.once("close", () => clearTimeout(timer));
}
