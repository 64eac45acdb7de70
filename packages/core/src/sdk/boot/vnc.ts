// Typing over VNC: a client that connects and sends key events, and looks at nothing (RFC 6143).
import { connect, type Socket } from "node:net";
import { addressText } from "../../communicator/dial.ts";
import { CancelledError, CommunicatorError, TspackError } from "../../diagnostics/error.ts";
import { keysymOf } from "./key.ts";
import type { Keyboard } from "./keyboard.ts";
import { openVnc, type VncPeer } from "./vnc-handshake.ts";

/** Where the VNC server is, and how long to try. */
export interface VncOptions {
  /** A TCP address, or the path of a Unix socket. */
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
  /** Used where the server asks for one; the first 8 bytes count. */
  readonly password?: string | undefined;
  readonly signal: AbortSignal;
  /** How long connecting may take, in milliseconds; 10 seconds unless given. */
  readonly limitMs?: number | undefined;
}

/** A keyboard with a connection. */
export interface VncKeyboard extends Keyboard {
  /** Ends the connection. The machine goes on. */
  close(): void;
}

/**
 * Connects to a VNC server, as a guest that shares it with others, and types there: one event at a time, 100 ms between two (rows
 * BCF-04, BCF-07). What the server sends is thrown away. The caller closes it. Throws `CommunicatorError` (TPK5001 when there is
 * no connection in time, TPK5002 for the password), `CancelledError` when the signal is aborted.
 */
export async function connectVnc({ address, password, signal, limitMs = 10_000 }: VncOptions): Promise<VncKeyboard> {
  const where = "path" in address ? address.path : addressText(address.host, address.port);
  if (signal.aborted) throw new CancelledError("connecting to VNC was cancelled", { cause: signal.reason });
  const limit = AbortSignal.timeout(limitMs);
  const opening = AbortSignal.any([signal, limit]);
  const socket = connect(address);
  const stop = (): void => void socket.destroy(new Error("given up"));
  opening.addEventListener("abort", stop);
  const lost = new Promise<never>((_, reject) => {
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the server closed the connection")));
  });
  // It may go unnoticed: whoever is interested races against it.
  lost.catch(() => undefined);
  try {
    socket.setNoDelay(true);
    const peer = peerOf(socket, lost);
    await openVnc(peer, password);
    peer.release();
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw new CancelledError("connecting to VNC was cancelled", { cause: error });
    const message = `no VNC connection to ${where} could be made`;
    if (limit.aborted) throw new CommunicatorError(`${message} within ${limitMs / 1000} s`, { code: "TPK5001", cause: error });
    const known = TspackError.is(error) ? { code: error.code, hint: error.hint } : { code: "TPK5001" as const };
    throw new CommunicatorError(message, { ...known, cause: error });
  } finally {
    opening.removeEventListener("abort", stop);
  }
  // Without this the server would stop when nobody takes what it sends, such as the bell.
  socket.resume();
  return {
    strokes: "separate",
    intervalMs: 100,
    send: async (events) => {
      const bytes = Buffer.concat(events.map(({ key, down }) => keyEvent(keysymOf(key), down)));
      const written = new Promise<void>((resolve, reject) => {
        socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      });
      try {
        await Promise.race([written, lost]);
      } catch (error) {
        written.catch(() => undefined);
        throw new CommunicatorError(`the VNC connection to ${where} was lost`, { cause: error });
      }
    },
    close: () => socket.destroy(),
  };
}

// --- internal ---

/** KeyEvent (§7.5.4). */
function keyEvent(keysym: number, down: boolean): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(4, 0);
  bytes.writeUInt8(down ? 1 : 0, 1);
  bytes.writeUInt32BE(keysym, 4);
  return bytes;
}

/** More than this no message of the opening has. */
const MOST_BUFFERED = 128 * 1024;

/** Collects what the server says, and takes no more from it when that gets too much. `release` ends the collecting. */
function peerOf(socket: Socket, lost: Promise<never>): VncPeer & { release(): void } {
  let buffered = Buffer.alloc(0);
  let wake = (): void => undefined;
  const collect = (bytes: Buffer): void => {
    buffered = Buffer.concat([buffered, bytes]);
    if (buffered.length > MOST_BUFFERED) socket.pause();
    wake();
  };
  socket.on("data", collect);
  return {
    async read(length) {
      while (buffered.length < length) {
        const more = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race([more, lost]);
      }
      const bytes = buffered.subarray(0, length);
      buffered = buffered.subarray(length);
      return bytes;
    },
    write: (bytes) => void socket.write(bytes),
    release: () => void socket.off("data", collect),
  };
}
