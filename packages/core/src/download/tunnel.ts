import { type ClientRequest, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect as tlsConnect } from "node:tls";
import { BuildError } from "../diagnostics/error.ts";
import { decoded } from "./decoded.ts";
import { redactLocation } from "./location.ts";
import { portOf, withoutBrackets } from "./proxy.ts";

/** Connections are not kept: a build makes few requests, and an idle socket would keep the process alive. */
export const noAgent = false;

/** What opening a tunnel has to know besides where it leads. */
export interface TunnelOptions {
  readonly signal: AbortSignal;
  /** What the proxy's own certificate has to be signed by, where it has one. */
  readonly ca: readonly string[];
  /** Gives up when the proxy says nothing for so long; waits for ever unless given. */
  readonly idleTimeoutMs?: number | undefined;
}

/**
 * A connection to `target` through a proxy: with CONNECT (RFC 9110 §9.3.6) through http and https ones, by SOCKS5. The caller
 * owns the socket. Rejects with `BuildError` (TPK7001) when the proxy refuses, and on abort.
 */
export async function openTunnel(proxy: URL, target: URL, options: TunnelOptions): Promise<Duplex> {
  return proxy.protocol === "http:" || proxy.protocol === "https:"
    ? connectTunnel(proxy, target, options)
    : socksTunnel(proxy, target, options.signal);
}

/** Ends a request with an error when nothing moves for so long. */
export function giveUpWhenIdle(request: ClientRequest, limitMs: number | undefined): void {
  if (limitMs === undefined) return;
  request.setTimeout(limitMs, () => request.destroy(new Error(`nothing arrived for ${limitMs / 1000} seconds`)));
}

/** `Proxy-Authorization` for the user and password of a proxy's URL. */
export function proxyHeaders(proxy: URL): { readonly [name: string]: string } {
  const basic = basicCredentials(proxy);
  return basic === undefined ? {} : { "proxy-authorization": basic };
}

/** The `Basic` credentials of a URL, if it has any (RFC 7617). */
export function basicCredentials(url: URL): string | undefined {
  if (url.username === "" && url.password === "") return undefined;
  const text = `${decoded(url.username)}:${decoded(url.password)}`;
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

function connectTunnel(proxy: URL, target: URL, { signal, ca, idleTimeoutMs }: TunnelOptions): Promise<Duplex> {
  const authority = `${target.hostname}:${portOf(target)}`;
  const options = {
    host: withoutBrackets(proxy.hostname),
    port: portOf(proxy),
    method: "CONNECT",
    path: authority,
    headers: { host: authority, ...proxyHeaders(proxy) },
    agent: noAgent,
    signal,
  };
  const request: ClientRequest = proxy.protocol === "https:" ? httpsRequest({ ...options, ca: [...ca] }) : httpRequest(options);
  return new Promise((resolve, reject) => {
    request.once("connect", (response, socket) => {
      // From here on the limit is that of what goes through.
      socket.setTimeout(0);
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(refused(proxy, `it answered ${response.statusCode} ${response.statusMessage ?? ""}`.trim()));
    });
    request.once("error", reject);
    giveUpWhenIdle(request, idleTimeoutMs);
    request.end();
  });
}

async function socksTunnel(proxy: URL, target: URL, signal: AbortSignal): Promise<Duplex> {
  if (!/^socks5h?:$/.test(proxy.protocol)) throw refused(proxy, `${proxy.protocol.slice(0, -1)} is no kind of proxy that can be used`);
  const { SocksClient } = await import("socks");
  const client = new SocksClient({
    proxy: {
      host: withoutBrackets(proxy.hostname),
      port: Number(portOf(proxy)),
      type: 5,
      ...(proxy.username === "" ? {} : { userId: decoded(proxy.username), password: decoded(proxy.password) }),
    },
    command: "connect",
    destination: { host: withoutBrackets(target.hostname), port: Number(portOf(target)) },
  });
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      // What the client connects later is closed as soon as it is there.
      client.once("established", ({ socket }) => socket.destroy());
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
    client.once("established", ({ socket }) => {
      signal.removeEventListener("abort", stop);
      resolve(socket);
    });
    client.once("error", (error) => {
      signal.removeEventListener("abort", stop);
      reject(refused(proxy, error.message));
    });
    client.connect();
  });
}

/** TLS to `target` over a tunnel. */
export function tlsOver(socket: Duplex, target: URL, settings: ConnectionOptions): Socket {
  const host = withoutBrackets(target.hostname);
  // An address is no server name (RFC 6066 §3), but is what the certificate has to be for.
  return tlsConnect({ socket, host, ...(isIP(host) === 0 ? { servername: host } : {}), ...settings });
}

function refused(proxy: URL, reason: string): BuildError {
  return new BuildError(`the proxy ${redactLocation(proxy)} refused the connection: ${reason}`, {
    code: "TPK7001",
    hint: "Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.",
  });
}
