import type { Socket } from "node:net";
import { CommunicatorError } from "../../diagnostics/error.ts";
import { onAbort, throwIfAborted } from "../abort.ts";
import { addressText, dial } from "../dial.ts";

/** A SOCKS5 proxy (rows COM-30..32). The credentials are sent when there is a user name. */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** Opens a connection to a host and port through a SOCKS5 proxy (RFC 1928, RFC 1929). The caller destroys the socket. */
export async function dialThroughProxy(
  proxy: Proxy,
  target: { readonly host: string; readonly port: number; readonly limitMs: number; readonly signal: AbortSignal },
): Promise<Socket> {
  const { SocksClient } = await import("socks");
  const socket = await dial({ ...target, host: proxy.host, port: proxy.port });
  const forget = onAbort(target.signal, () => socket.destroy());
  try {
    const { username, password } = proxy;
    await SocksClient.createConnection({
      proxy: {
        host: proxy.host,
        port: proxy.port,
        type: 5,
        ...(username === undefined ? {} : { userId: username, password: password ?? "" }),
      },
      command: "connect",
      destination: { host: target.host, port: target.port },
      timeout: target.limitMs,
      existing_socket: socket,
    });
    await keepEarlyBytes(socket);
    return socket;
  } catch (error) {
    socket.destroy();
    throwIfAborted(target.signal);
    const reason = error instanceof Error ? error.message : String(error);
    const route = `${addressText(target.host, target.port)} through the proxy ${addressText(proxy.host, proxy.port)}`;
    throw new CommunicatorError(`cannot connect to ${route}: ${reason}`, { code: "TPK5001", cause: error });
  } finally {
    forget();
  }
}

// --- internal ---

/**
 * The socks library sets the socket flowing one turn of the event loop after it is done, and whoever does not listen by then
 * misses the first line of an SSH server, which speaks first. So listen through that turn, and put back what came.
 */
async function keepEarlyBytes(socket: Socket): Promise<void> {
  const early: Buffer[] = [];
  const keep = (bytes: Buffer): void => {
    early.push(bytes);
  };
  socket.on("data", keep);
  await new Promise((resolve) => setImmediate(resolve));
  socket.pause();
  socket.off("data", keep);
  if (early.length > 0 && !socket.destroyed) socket.unshift(Buffer.concat(early));
}
