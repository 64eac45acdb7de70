// Where a machine's WinRM is, and sockets to it: directly, through a proxy, with TLS (rows WIN-03..07, WIN-09, ENV-26).
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";
import { CancelledError, CommunicatorError, errorText, TspackError } from "../../diagnostics/error.ts";
import { trustedCertificates } from "../../download/certificates.ts";
import { type Environment, portOf, proxyFor, withoutBrackets } from "../../download/proxy.ts";
import { openTunnel, proxyHeaders, tlsOver } from "../../download/tunnel.ts";
import { onAbort } from "../abort.ts";
import { addressText, dial } from "../dial.ts";

/** How to get to a machine. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly usesTls: boolean;
  /** Whether the certificate is checked. */
  readonly checksCertificate: boolean;
  readonly usesProxy: boolean;
  readonly environment: Environment;
}

/** A socket to a machine or to the proxy before it. Whoever opened it destroys it. */
export interface Line {
  readonly socket: Duplex;
  /** What requests name: a path, or the whole address for a proxy. */
  readonly target: string;
  /** For every request. */
  readonly headers: { readonly [name: string]: string };
}

/** The address of the service. The zone of an IPv6 address, `%eth0`, concerns this side alone (RFC 6874 §1). */
export function serviceUrl({ host, port, usesTls }: Pick<Endpoint, "host" | "port" | "usesTls">): URL {
  return new URL(`${usesTls ? "https" : "http"}://${addressText(host.replace(/%.*$/, ""), port)}/wsman`);
}

/**
 * Opens a socket. Throws `CommunicatorError`: TPK5003 for a certificate that is not trusted, TPK5001 for anything else, and a cancellation
 * on abort.
 */
export async function openLine(endpoint: Endpoint, limits: { readonly dialMs: number; readonly signal: AbortSignal }): Promise<Line> {
  const url = serviceUrl(endpoint);
  const { signal, dialMs } = limits;
  const proxy = endpoint.usesProxy ? proxyFor(url, endpoint.environment) : undefined;
  const needsCertificates = endpoint.usesTls || proxy?.protocol === "https:";
  const ca = needsCertificates ? await trustedCertificates(endpoint.environment) : [];
  if (proxy === undefined) {
    const socket = await dial({ host: endpoint.host, port: endpoint.port, limitMs: dialMs, signal });
    return { socket: endpoint.usesTls ? await secured(socket, url, endpoint, ca, limits) : socket, target: url.pathname, headers: {} };
  }
  if (!endpoint.usesTls && !proxy.protocol.startsWith("socks")) {
    const socket = await dial({ host: withoutBrackets(proxy.hostname), port: Number(portOf(proxy)), limitMs: dialMs, signal });
    const checked = { ...endpoint, checksCertificate: true };
    const line = proxy.protocol === "https:" ? await secured(socket, proxy, checked, ca, limits) : socket;
    return { socket: line, target: url.href, headers: proxyHeaders(proxy) };
  }
  const tunnel = await throughTunnel(proxy, url, ca, limits);
  return { socket: endpoint.usesTls ? await secured(tunnel, url, endpoint, ca, limits) : tunnel, target: url.pathname, headers: {} };
}

// --- internal ---

interface Limits {
  readonly dialMs: number;
  readonly signal: AbortSignal;
}

async function throughTunnel(proxy: URL, url: URL, ca: readonly string[], { dialMs, signal }: Limits): Promise<Duplex> {
  const late = AbortSignal.timeout(dialMs);
  try {
    return await openTunnel(proxy, url, { signal: AbortSignal.any([signal, late]), ca });
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    const reason = late.aborted ? `no answer within ${dialMs / 1000} s` : errorText(error);
    throw new CommunicatorError(`cannot connect to ${url.host} through the proxy ${proxy.host}: ${reason}`, {
      code: "TPK5001",
      hint: (TspackError.is(error) ? error.hint : undefined) ?? "winrm_no_proxy goes past the proxy.",
      cause: error,
    });
  }
}

async function secured(socket: Duplex, url: URL, endpoint: Endpoint, ca: readonly string[], { dialMs, signal }: Limits): Promise<Socket> {
  const settings: ConnectionOptions = { ca: [...ca], rejectUnauthorized: endpoint.checksCertificate };
  const secure = tlsOver(socket, url, settings);
  let forget = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      forget = onAbort(signal, () => reject(new CancelledError()));
      timer = setTimeout(() => reject(new Error(`no TLS within ${dialMs / 1000} s`)), dialMs);
      secure.once("secureConnect", resolve);
      secure.once("error", reject);
      secure.once("close", () => reject(new Error("the connection was closed")));
    });
    return secure;
  } catch (error) {
    secure.on("error", () => {});
    secure.destroy();
    socket.destroy();
    if (error instanceof CancelledError) throw error;
    if (isAboutCertificate(error)) {
      throw new CommunicatorError(`the certificate of ${url.host} is not trusted: ${errorText(error)}`, {
        code: "TPK5003",
        hint: "winrm_insecure accepts any certificate, as machines that sign their own need. SSL_CERT_FILE or NODE_EXTRA_CA_CERTS names one to trust.",
        cause: error,
      });
    }
    throw new CommunicatorError(`cannot talk TLS to ${url.host}: ${tlsReason(error)}`, {
      code: "TPK5001",
      hint: "Port 5985 is WinRM without TLS; it takes no winrm_use_ssl.",
    });
  } finally {
    forget();
    clearTimeout(timer);
  }
}

/** OpenSSL's messages are of its own files and lines; the reason in them is in words. */
function tlsReason(error: unknown): string {
  const reason = error instanceof Error && "reason" in error ? error.reason : undefined;
  if (reason === "wrong version number" || reason === "packet length too long") return "it answers in something else";
  return typeof reason === "string" ? reason : errorText(error);
}

/** The codes that Node gives to OpenSSL's verification results, and its own for a certificate of another name. */
function isAboutCertificate(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY|DECODE)_|ERR_TLS_CERT_|CRL_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH)/.test(
    code,
  );
}
