import { connect, createServer, type Server, type Socket } from "node:net";
import type { Client, ClientChannel, TcpConnectionDetails } from "ssh2";
import { CommunicatorError, errorText } from "../../diagnostics/error.ts";
import type { Ui } from "../../sdk/ui.ts";
import { orAborted } from "../abort.ts";
import type { TunnelAddress } from "./tunnel-address.ts";

/**
 * Tunnels of a connection (rows COM-36, COM-37). `use` opens them on a client, and again on the next one after a reconnection;
 * local ports stay open in between. `close` ends them and the connections through them.
 */
export class Tunnels {
  readonly #local: readonly TunnelAddress[];
  readonly #remote: readonly TunnelAddress[];
  readonly #ui: Ui;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #client: Client | undefined;

  constructor(options: { readonly local: readonly TunnelAddress[]; readonly remote: readonly TunnelAddress[]; readonly ui: Ui }) {
    this.#local = options.local;
    this.#remote = options.remote;
    this.#ui = options.ui;
  }

  /** Throws `CommunicatorError` TPK5006 when a port cannot be listened on. */
  async use(client: Client, signal: AbortSignal): Promise<void> {
    this.#client = client;
    if (this.#servers.length === 0) {
      for (const tunnel of this.#local) await this.#listenHere(tunnel);
    }
    if (this.#remote.length === 0) return;
    client.on("tcp connection", (details, accept, reject) => this.#connectFromHere(details, accept, reject));
    for (const tunnel of this.#remote) await orAborted(listenThere(client, tunnel), signal);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
    this.#servers.length = 0;
  }

  async #listenHere(tunnel: TunnelAddress): Promise<void> {
    // One side may be done while the other still talks.
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#connectFromThere(socket, tunnel));
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => {
        reject(
          new CommunicatorError(`the local tunnel cannot listen on port ${tunnel.listenPort}: ${error.message}`, {
            code: "TPK5006",
            cause: error,
          }),
        );
      });
      server.listen(tunnel.listenPort, "127.0.0.1", resolve);
    });
    this.#servers.push(server);
  }

  #connectFromThere(socket: Socket, tunnel: TunnelAddress): void {
    this.#keep(socket);
    const failed = (error: unknown): void => {
      this.#ui.log("warn", `The tunnel to ${tunnel.host}:${tunnel.port} could not be opened: ${errorText(error)}`);
      socket.destroy();
    };
    try {
      this.#client?.forwardOut("127.0.0.1", socket.remotePort ?? 0, tunnel.host, tunnel.port, (error, channel) => {
        if (error !== undefined) failed(error);
        else join(socket, channel);
      });
    } catch (error) {
      // The connection is lost, and the next one is not there yet.
      failed(error);
    }
  }

  #connectFromHere(details: TcpConnectionDetails, accept: () => ClientChannel, reject: () => void): void {
    const tunnel = this.#remote.find(({ listenPort }) => listenPort === details.destPort);
    if (tunnel === undefined) {
      reject();
      return;
    }
    const socket = connect({ host: tunnel.host, port: tunnel.port, allowHalfOpen: true });
    this.#keep(socket);
    const failed = (error: unknown): void => {
      this.#ui.log("warn", `The tunnel to ${tunnel.host}:${tunnel.port} could not be opened: ${errorText(error)}`);
      reject();
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      join(socket, accept());
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    // An end that breaks off closes the tunnel's other end; there is nobody to tell.
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#sockets.delete(socket));
  }
}

// --- internal ---

/** Always localhost on the machine (row COM-37). */
async function listenThere(client: Client, tunnel: TunnelAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.forwardIn("localhost", tunnel.listenPort, (error) => {
      if (error === undefined) {
        resolve();
        return;
      }
      const message = `the machine does not let the remote tunnel listen on its port ${tunnel.listenPort}`;
      reject(
        new CommunicatorError(message, {
          code: "TPK5006",
          hint: "Is the port free there, and does its sshd have AllowTcpForwarding?",
          cause: error,
        }),
      );
    });
  });
}

function join(socket: Socket, channel: ClientChannel): void {
  channel.on("error", () => socket.destroy());
  channel.once("close", () => socket.destroy());
  // It may have gone while the other end was being opened.
  if (socket.destroyed) {
    channel.close();
    return;
  }
  socket.once("close", () => channel.close());
  socket.pipe(channel).pipe(socket);
}
