// Where a plugin waits for its host (plugin-protocol sections 2.3 to 2.5).
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PluginError } from "../../diagnostics/error.ts";

/** A plugin that waits. */
export interface Listening {
  readonly network: "unix" | "tcp";
  /** A path, or host and port. */
  readonly address: string;
  /** The one connection. Nobody else can connect afterwards, and the socket's file is gone. Rejects when nobody came in time. */
  readonly connection: Promise<Socket>;
}

/** The host has read our address long before. */
const CONNECT_MS = 60_000;
/** Some systems take no longer path for a socket. */
const LONGEST_PATH = 100;

/**
 * Listens at a socket in the temporary folder; on Windows, and where that path is too long for a socket, at a port of this machine
 * between PACKER_PLUGIN_MIN_PORT and PACKER_PLUGIN_MAX_PORT.
 */
export async function listen(environment: { readonly [name: string]: string | undefined }): Promise<Listening> {
  const server = createServer({ noDelay: true, keepAlive: true });
  const path = join(environment.TMPDIR || tmpdir(), `packer-plugin${randomBytes(6).toString("hex")}`);
  if (process.platform !== "win32" && Buffer.byteLength(path) <= LONGEST_PATH) {
    await listenAt(server, { path });
    // Others on this machine have no business here.
    chmodSync(path, 0o600);
    return { network: "unix", address: path, connection: oneConnection(server) };
  }
  const port = await listenInRange(
    server,
    portOf(environment.PACKER_PLUGIN_MIN_PORT, 10_000),
    portOf(environment.PACKER_PLUGIN_MAX_PORT, 25_000),
  );
  return { network: "tcp", address: `127.0.0.1:${port}`, connection: oneConnection(server) };
}

// --- internal ---

async function listenAt(server: Server, at: { readonly path: string } | { readonly host: string; readonly port: number }): Promise<void> {
  server.listen({ ...at, backlog: 1 });
  await once(server, "listening");
}

async function listenInRange(server: Server, first: number, last: number): Promise<number> {
  for (let port = first; port <= last; port++) {
    try {
      await listenAt(server, { host: "127.0.0.1", port });
      return port;
    } catch (cause) {
      // Taken by somebody else, or reserved.
      if (!(cause instanceof Error && "code" in cause && (cause.code === "EADDRINUSE" || cause.code === "EACCES"))) throw cause;
    }
  }
  throw new PluginError(`no port between ${first} and ${last} is free`, {
    code: "TPK4001",
    hint: "Set PACKER_PLUGIN_MIN_PORT and PACKER_PLUGIN_MAX_PORT to others.",
  });
}

function portOf(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : otherwise;
}

function oneConnection(server: Server): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      server.close();
      reject(new PluginError(`nobody connected within ${CONNECT_MS / 1000} s`, { code: "TPK4001" }));
    }, CONNECT_MS);
    let isTaken = false;
    server.on("connection", (socket: Socket) => {
      if (isTaken) {
        socket.destroy();
        return;
      }
      isTaken = true;
      clearTimeout(timer);
      server.close();
      resolve(socket);
    });
  });
}
