// Connections of two ends in one process, for tests of the transport.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { tmp } from "@tspack/test-support";
import type { Session, SessionOptions } from "../../src/protocol/transport.ts";
import { startSession } from "../../src/protocol/yamux/session.ts";

/** Both ends of a Unix socket: the one that connected, the one that was connected to. */
export async function socketPair(options: { readonly allowHalfOpen?: boolean } = {}): Promise<readonly [Socket, Socket]> {
  const server = createServer(options);
  const path = join(tmp("pair"), "s");
  server.listen(path);
  await once(server, "listening");
  const near = connect({ path, ...options });
  const [[far]] = (await Promise.all([once(server, "connection"), once(near, "connect")])) as [[Socket], unknown];
  server.close();
  return [near, far];
}

export interface SessionPair {
  readonly host: Session;
  readonly plugin: Session;
  close(): void;
}

/** A host's and a plugin's session that are connected. */
export async function sessionPair(): Promise<SessionPair> {
  const [near, far] = await socketPair();
  const host = startSession(near, { role: "client", peer: "the plugin" });
  const plugin = startSession(far, { role: "server", peer: "the host" });
  return {
    host,
    plugin,
    close() {
      host.close();
      plugin.close();
    },
  };
}

/** A session whose peer is a test that speaks in bytes. */
export interface RawPeer {
  readonly session: Session;
  readonly socket: Socket;
  /** Sends bytes given in hex; blanks do not count. */
  send(...hex: readonly string[]): void;
  /** Waits until so many bytes have come altogether, and returns all that came, in hex, without the answers to `settled`. */
  received(bytes: number): Promise<string>;
  /** What has come once the answer to a ping shows that everything sent was dealt with. */
  settled(): Promise<string>;
}

export async function rawPeer(options: Partial<SessionOptions> = {}): Promise<RawPeer> {
  const [near, socket] = await socketPair();
  const session = startSession(near, { role: "client", peer: "the plugin", ...options });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // A test that provokes the end of a session writes to one that is gone.
  socket.on("error", () => undefined);
  const all = (): string => Buffer.concat(chunks).toString("hex");
  const until = async (isDone: (text: string) => boolean): Promise<string> => {
    while (!isDone(all())) await Promise.race([once(socket, "data"), once(socket, "close")]);
    return all();
  };
  let ping = 0xabc0_0000;
  return {
    session,
    socket,
    send: (...hex) => void socket.write(Buffer.from(hex.join("").replaceAll(/\s/g, ""), "hex")),
    received: async (bytes) => withoutPings(await until((text) => withoutPings(text).length >= 2 * bytes)),
    async settled() {
      ping++;
      const value = ping.toString(16);
      socket.write(Buffer.from(`0002000100000000${value}`, "hex"));
      const answer = `0002000200000000${value}`;
      const text = await until((seen) => seen.includes(answer));
      return withoutPings(text);
    },
  };
}

function withoutPings(text: string): string {
  return text.replaceAll(/0002000200000000abc0..../g, "");
}

/** The header of a frame in hex. */
export function frame(type: number, flags: number, stream: number, length: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
  return `00${hex(type, 2)}${hex(flags, 4)}${hex(stream, 8)}${hex(length, 8)}`;
}

/** Reads a stream to its end; our half stays open, which `for await` would not leave so. */
export async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve, reject) => stream.once("end", resolve).once("error", reject).once("close", resolve));
  return Buffer.concat(chunks);
}

/** Waits until a stream is over, also by an error. */
export async function closed(stream: Duplex): Promise<void> {
  if (!stream.closed) await new Promise<void>((resolve) => stream.once("close", resolve));
}
