// A session and its peer, for tests that look at single frames.
import type { Duplex } from "node:stream";
import { within } from "@tspack/test-support";
import * as assert from "uvu/assert";
import type { Session } from "../../../src/protocol/transport.ts";
import { frame, type RawPeer, rawPeer, readAll } from "../pair.ts";

/** Bytes that a stream may send before it is given more credit. */
export const WINDOW = 262_144;
/** Types of frames. */
export const [data, window] = [0, 1];
/** Flags of frames. */
export const [syn, ack, fin, rst] = [1, 2, 4, 8];

/** A session whose raw peer is done with within 10 seconds. */
export function withPeer(body: (peer: RawPeer) => Promise<void>, options: Parameters<typeof rawPeer>[0] = {}): Promise<void> {
  return within(30_000, async () => {
    const peer = await rawPeer(options);
    try {
      await body(peer);
    } finally {
      peer.session.close();
      peer.socket.destroy();
    }
  });
}

/** The stream that the raw peer opens with this id. */
export async function opened(peer: RawPeer, id = 2): Promise<Duplex> {
  const stream = new Promise<Duplex>((resolve) => peer.session.onStream(resolve));
  peer.send(frame(window, syn, id, 0));
  return stream;
}

/** Resolves when the stream has passed the bytes on. */
export async function written(stream: Duplex, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => stream.write(bytes, (error) => (error ? reject(error) : resolve())));
}

/** A round trip on a stream of its own, over an echo: all that was sent before it has arrived. */
export async function roundTrip(session: Session): Promise<void> {
  const stream = await session.open();
  stream.end("x");
  assert.is((await readAll(stream)).toString(), "x");
}

/** The first stream that the peer opens; all others are echoed. */
export function firstStream(session: Session): Promise<Duplex> {
  return new Promise((resolve) => {
    session.onStream((stream) => {
      resolve(stream);
      session.onStream((other) => other.pipe(other));
    });
  });
}
