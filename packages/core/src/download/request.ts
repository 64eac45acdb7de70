import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { BuildError } from "../diagnostics/error.ts";
import { trustedCertificates } from "./certificates.ts";
import { redactLocation } from "./location.ts";
import { type Environment, portOf, proxyFor, withoutBrackets } from "./proxy.ts";
import { basicCredentials, giveUpWhenIdle, noAgent, openTunnel, proxyHeaders, tlsOver } from "./tunnel.ts";

/** One request, as whoever makes it knows it. */
export interface HttpRequest {
  readonly method?: string | undefined;
  /** Sent as they are; those of the connection (Host, Content-Length) are added. */
  readonly headers?: { readonly [name: string]: string } | undefined;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  /** Proxy and certificate variables are read from here. */
  readonly environment: Environment;
  /** Gives up when nothing moves for so long; waits for ever unless given. */
  readonly idleTimeoutMs?: number | undefined;
  /** False to get a redirect as the answer that it is. */
  readonly followRedirects?: boolean | undefined;
  /** What HTTPS needs besides the certificates that are trusted anyway. */
  readonly tls?: TlsSettings | undefined;
}

/** TLS settings of one request; texts are PEM. They are not used with the proxy on the way. */
export interface TlsSettings {
  /** Authorities to trust in place of all others. */
  readonly ca?: string | undefined;
  /** What the client shows for itself. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name that the server's certificate has to be for. */
  readonly servername?: string | undefined;
  /** False to accept any certificate. */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** The beginning of an answer. */
export interface HttpResponse {
  /** Its headers have arrived, its body has not been read. Whoever got it reads it to the end or destroys it. */
  readonly message: IncomingMessage;
  readonly status: number;
  /** Where redirects led to. */
  readonly url: URL;
}

/** How downloads name themselves to servers. */
export const USER_AGENT = "tspack";

const MOST_REDIRECTS = 10;

/**
 * Sends a request and follows up to ten redirects, as browsers and Go do: 301, 302 and 303 turn into GET, 307 and 308 repeat
 * method and body, and credentials do not travel to another host. Through a proxy where the environment says so. Any status
 * is a response. Rejects with Node's error when the connection fails, with `BuildError` (TPK7001) when trying again is of no
 * use, and with an AbortError.
 */
export async function sendRequest(url: URL, request: HttpRequest): Promise<HttpResponse> {
  let current = url;
  let method = request.method ?? "GET";
  let body = request.body;
  let headers: { readonly [name: string]: string } = request.headers ?? {};
  let certificates: readonly string[] | undefined;
  for (let redirects = 0; ; redirects++) {
    if (current.protocol === "https:" || proxyFor(current, request.environment)?.protocol === "https:") {
      certificates ??= await trustedCertificates(request.environment);
    }
    const message = await sendOnce(current, { ...request, method, headers, body }, certificates ?? []);
    const status = message.statusCode ?? 0;
    const target = message.headers.location;
    const isRedirect = [301, 302, 303, 307, 308].includes(status) && request.followRedirects !== false;
    if (!isRedirect || target === undefined) return { message, status, url: current };
    message.destroy();
    if (redirects === MOST_REDIRECTS) throw permanent(url, `it redirects more than ${MOST_REDIRECTS} times`);
    if (!URL.canParse(target, current.href)) throw permanent(url, "it redirects to something that is not a URL");
    const next = new URL(target, current);
    if (next.protocol !== "http:" && next.protocol !== "https:") throw permanent(url, `it redirects to ${redactLocation(next)}`);
    if (status < 307 && method !== "GET" && method !== "HEAD") {
      method = "GET";
      body = undefined;
      headers = without(headers, /^content-/i);
    }
    if (next.host !== current.host || (current.protocol === "https:" && next.protocol === "http:")) {
      headers = without(headers, /^(authorization|cookie2?|www-authenticate|proxy-authorization)$/i);
    }
    current = next;
  }
}

function permanent(url: URL, reason: string): BuildError {
  return new BuildError(`could not download ${redactLocation(url)}: ${reason}`, { code: "TPK7001" });
}

function without(headers: { readonly [name: string]: string }, names: RegExp): { readonly [name: string]: string } {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.test(name)));
}

async function sendOnce(url: URL, request: HttpRequest, ca: readonly string[]): Promise<IncomingMessage> {
  const { signal } = request;
  signal.throwIfAborted();
  const credentials = basicCredentials(url);
  const headers: { [name: string]: string } = {
    host: url.host,
    ...(credentials === undefined ? {} : { authorization: credentials }),
    ...request.headers,
  };
  if (request.body !== undefined) headers["content-length"] = String(Buffer.byteLength(request.body));
  const options: RequestOptions = {
    method: request.method ?? "GET",
    host: withoutBrackets(url.hostname),
    port: portOf(url),
    path: `${url.pathname}${url.search}`,
    headers,
    signal,
  };
  const proxy = proxyFor(url, request.environment);
  if (proxy === undefined) {
    return url.protocol === "https:"
      ? exchange(httpsRequest({ ...options, agent: noAgent, ca: [...ca], ...given(request.tls) }), request)
      : exchange(httpRequest({ ...options, agent: noAgent }), request);
  }
  if (url.protocol === "http:" && !proxy.protocol.startsWith("socks")) {
    const absolute = new URL(url);
    absolute.username = "";
    absolute.password = "";
    absolute.hash = "";
    const toProxy = {
      ...options,
      host: withoutBrackets(proxy.hostname),
      port: portOf(proxy),
      path: absolute.href,
      headers: { ...headers, ...proxyHeaders(proxy) },
      agent: noAgent,
    };
    return exchange(proxy.protocol === "https:" ? httpsRequest({ ...toProxy, ca: [...ca] }) : httpRequest(toProxy), request);
  }
  const tunnel = await openTunnel(proxy, url, { signal, ca, idleTimeoutMs: request.idleTimeoutMs });
  const socket = url.protocol === "https:" ? tlsOver(tunnel, url, { ca: [...ca], ...given(request.tls) }) : tunnel;
  return exchange(httpRequest({ ...options, createConnection: () => socket }), request);
}

/** The settings that are set: an undefined one would replace what is there. */
function given(tls: TlsSettings = {}): TlsSettings {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}

function exchange(outgoing: ReturnType<typeof httpRequest>, request: HttpRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once("response", resolve);
    // Stays for the life of the request: after the response, failures reach the reader of its body as well.
    outgoing.on("error", reject);
    giveUpWhenIdle(outgoing, request.idleTimeoutMs);
    outgoing.end(request.body);
  });
}
