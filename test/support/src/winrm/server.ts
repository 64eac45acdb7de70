// A Windows machine as WinRM shows it, for the tests of communicators and provisioners. What it does follows MS-WSMV, DSP0226 and
// MS-NLMP; its own tests let independent clients judge that.
import { X509Certificate } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { Authenticator, type AuthResult, type AuthScheme } from "./auth.ts";
import { makeCertificate } from "./certificate.ts";
import { describeCommand } from "./command-line.ts";
import { machineProgram } from "./emulation.ts";
import { WinrmFault } from "./fault.ts";
import { machineVariables, WindowsFiles } from "./files.ts";
import type { WinrmHandler, WinrmMachine } from "./machine.ts";
import { actions } from "./namespaces.ts";
import { channelBinding, type NtlmSession } from "./ntlm/server.ts";
import { isIdentify, readEnvelope, readRequest } from "./request.ts";
import { isSealed, openBody, SEALED_TYPE, sealBody } from "./sealed-body.ts";
import { identifyResponse, WinrmService } from "./service.ts";
import type { WinrmProgram } from "./shell.ts";

/** How the server and its machine are set up. */
export interface WinrmOptions {
  /** Ways to log in; `["basic"]` if not given. */
  readonly auth?: readonly AuthScheme[];
  /** HTTPS with a certificate made for this server. */
  readonly tls?: boolean;
  /** Whether plain HTTP may carry what is not sealed; true if not given. False takes Basic away on HTTP, as Windows does. */
  readonly allowUnencrypted?: boolean;
  readonly user?: string;
  readonly password?: string;
  /** What runs instead of the emulated machine. */
  readonly run?: WinrmProgram;
  /** Commands and scripts that the emulated machine knows besides its own; they come first. */
  readonly handlers?: readonly WinrmHandler[];
  /** The longest that Receive waits, in milliseconds; 60000 if not given. A request may ask for less. */
  readonly operationTimeoutMs?: number;
  /** The largest request, in bytes; 500 KiB if not given (MaxEnvelopeSizekb of Windows). */
  readonly maxEnvelopeBytes?: number;
  /** Shells at the same time; 30 if not given (MaxShellsPerUser of Windows). */
  readonly maxShells?: number;
}

/** A WinRM server of one test's own, at `/wsman`. Close it in `finally`. */
export interface WinrmServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The certificate of a TLS server, PEM. */
  readonly certificate: string | undefined;
  /** Every command line that was run, in order; where it calls PowerShell with `-EncodedCommand`, a line break and the decoded script follow. */
  readonly commands: readonly string[];
  /** The files of the machine; see `WindowsFiles` for the spelling of paths. */
  readonly files: Map<string, Uint8Array>;
  /** How many shells were made and not deleted. */
  openShells(): number;
  /** Cuts every connection in the middle of what it does; shells go on. */
  dropConnections(): void;
  /** Ends commands, connections and the server. */
  close(): Promise<void>;
}

/** Starts a server on loopback and waits until it listens. */
export async function startWinrm(options: WinrmOptions = {}): Promise<WinrmServer> {
  const user = options.user ?? "vagrant";
  const password = options.password ?? "Vagrant-1!";
  const tls = options.tls ?? false;
  const maxEnvelopeBytes = options.maxEnvelopeBytes ?? 500 * 1024;
  const identity = tls ? makeCertificate() : undefined;
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const dropConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const variables = machineVariables(user);
  const files = new WindowsFiles(variables);
  const machine: WinrmMachine = {
    files,
    variables,
    handlers: options.handlers ?? [],
    power: { restarts: 0, next: "none" },
    mayLogIn: (name, given) => {
      const account = name.slice(name.indexOf("\\") + 1).toLowerCase();
      return account === user.toLowerCase() ? given === password : /^(system|local service|network service)$/.test(account) && given === "";
    },
  };
  const listener: RequestListener = (request, response) => {
    void serve(request, response);
  };
  const server: Server = identity === undefined ? createServer(listener) : createTlsServer(identity, listener);
  // Windows keeps connections for minutes, and NTLM's belong to one.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.on(tls ? "secureConnection" : "connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A connection that a test cuts is no failure of the server.
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const port = address.port;
  const service = new WinrmService({
    address: `${tls ? "https" : "http"}://127.0.0.1:${port}/wsman`,
    operationTimeoutMs: options.operationTimeoutMs ?? 60_000,
    maxEnvelopeBytes,
    maxShells: options.maxShells ?? 30,
    program: (settings) => {
      const program = options.run ?? machineProgram(machine, settings);
      return async (call) => {
        commands.push(describeCommand(call.commandLine));
        return await program(call);
      };
    },
  });
  const auth = new Authenticator({
    schemes: options.auth ?? ["basic"],
    secure: tls,
    allowUnencrypted: options.allowUnencrypted ?? true,
    user,
    password,
    channelBinding: identity === undefined ? undefined : channelBinding(new X509Certificate(identity.cert).raw),
  });

  function restart(): void {
    machine.power.next = "none";
    machine.power.restarts += 1;
    service.closeShells();
    dropConnections();
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    response.setHeader("Server", "Microsoft-HTTPAPI/2.0");
    const body = await readBody(request, maxEnvelopeBytes + SEALING_BYTES);
    const anonymous = request.url?.toLowerCase() === "/wsman-anon/identify";
    if (!anonymous && request.url?.replace(/\/$/, "").toLowerCase() !== "/wsman") return answer(response, 404);
    if (request.method !== "POST") return answer(response, 405, { Allow: "POST" });
    const login: AuthResult = anonymous ? { kind: "accepted" } : auth.judge(request);
    if (login.kind === "challenge") return answer(response, 401, { "WWW-Authenticate": login.header });
    if (login.kind === "refused") return answer(response, 401, { "WWW-Authenticate": auth.challenges() });
    // A login alone: clients that seal have nothing to send before it.
    if (body?.length === 0) return answer(response, 200);
    const type = request.headers["content-type"] ?? "";
    if (isSealed(type) && login.session !== undefined && body !== undefined) {
      return await serveSealed({ response, body, type, session: login.session, gone: gone.signal });
    }
    if (!anonymous && !tls && options.allowUnencrypted === false) return answer(response, 500);
    if (!isSoap(type)) return answer(response, 415);
    const { status, xml } = await operate({ body, type, anonymous, gone: gone.signal });
    answer(response, status, { "Content-Type": SOAP_TYPE }, Buffer.from(xml));
  }

  async function serveSealed(request: SealedRequest): Promise<void> {
    const { response, session, gone } = request;
    let opened: { type: string; message: Buffer };
    try {
      opened = openBody(request.body, request.type, session);
    } catch {
      return answer(response, 400);
    }
    if (!isSoap(opened.type)) return answer(response, 415);
    const body = opened.message.length > maxEnvelopeBytes ? undefined : opened.message;
    const { status, xml } = await operate({ body, type: opened.type, anonymous: false, gone });
    // Sealing counts messages, so what nobody reads is not sealed.
    if (gone.aborted) return;
    answer(response, status, { "Content-Type": SEALED_TYPE }, sealBody(Buffer.from(xml), SOAP_TYPE, session));
  }

  async function operate(request: PlainRequest): Promise<{ status: number; xml: string }> {
    let messageId: string | undefined;
    try {
      const { body } = request;
      if (body === undefined || body.length > maxEnvelopeBytes) throw new WinrmFault("envelopeTooLarge");
      const envelope = readEnvelope(body.toString(/charset="?utf-16/i.test(request.type) ? "utf16le" : "utf8"));
      messageId = envelope.messageId;
      if (isIdentify(envelope)) return { status: 200, xml: identifyResponse() };
      if (request.anonymous) throw new WinrmFault("actionNotSupported");
      const asked = readRequest(envelope);
      if (machine.power.next === "ordered" && asked.action === actions.create) {
        restart();
        // Nobody is there to read it.
        return { status: 503, xml: "" };
      }
      return { status: 200, xml: await service.answer(asked, request.gone) };
    } catch (error) {
      if (error instanceof WinrmFault) return { status: 500, xml: error.toXml(messageId) };
      throw error;
    }
  }

  return {
    host: "127.0.0.1",
    port,
    user,
    password,
    certificate: identity?.cert,
    commands,
    files,
    openShells: () => service.openShells(),
    dropConnections,
    close: async () => {
      service.closeShells();
      const closed = new Promise((resolve) => server.close(resolve));
      dropConnections();
      await closed;
    },
  };
}

// --- internal ---

const SOAP_TYPE = "application/soap+xml;charset=UTF-8";
/** What sealing adds to a body, at most. */
const SEALING_BYTES = 1024;

interface PlainRequest {
  /** Undefined when it was too large. */
  readonly body: Buffer | undefined;
  readonly type: string;
  readonly anonymous: boolean;
  readonly gone: AbortSignal;
}

interface SealedRequest {
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly type: string;
  readonly session: NtlmSession;
  readonly gone: AbortSignal;
}

function isSoap(type: string): boolean {
  return /^application\/soap\+xml\b/i.test(type);
}

/** The body, or undefined when it is larger than allowed; then the rest is read and thrown away. */
async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk)) continue;
      size += chunk.length;
      if (size <= limitBytes) chunks.push(chunk);
    }
  } catch {
    // The client has hung up; nobody reads the answer.
  }
  return size <= limitBytes ? Buffer.concat(chunks) : undefined;
}

function answer(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | readonly string[]> = {},
  body: Uint8Array = Buffer.alloc(0),
): void {
  response.writeHead(status, { ...headers, "Content-Length": body.length });
  response.end(body);
}
