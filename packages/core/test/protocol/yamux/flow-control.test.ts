// Credit: how much may be on the way, and how little is held for it.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ReceiveQueue } from "../../../src/protocol/yamux/receive-queue.ts";
import { frame, readAll, sessionPair } from "../pair.ts";
import { ack, data, fin, firstStream, opened, roundTrip, WINDOW, window, withPeer, written } from "./with-peer.ts";

test("no more is sent than the peer gave credit for", () =>
  withPeer(async (peer) => {
    const stream = await opened(peer);
    const payload = randomBytes(WINDOW + 100_000);
    const done = written(stream, payload);
    const first = Buffer.from(await peer.received(12 + 4 * 12 + WINDOW), "hex");
    assert.is((await peer.settled()).length, 2 * first.length, "the window is used up");
    const pieces = [0, 1, 2, 3].map((n) => first.subarray(12 + n * (12 + 65_536) + 12, 12 + (n + 1) * (12 + 65_536)));
    assert.ok(Buffer.concat(pieces).equals(payload.subarray(0, WINDOW)));
    peer.send(frame(window, 0, 2, 10));
    assert.is((await peer.settled()).slice(2 * first.length), frame(data, 0, 2, 10) + payload.toString("hex", WINDOW, WINDOW + 10));
    peer.send(frame(window, 0, 2, 99_990));
    await done;
  }));

test("a peer that gives much credit but reads slowly is waited for; little is held for it", () =>
  withPeer(async (peer) => {
    const stream = await opened(peer);
    const total = 32_000_000;
    peer.send(frame(window, 0, 2, total));
    await peer.settled();
    peer.socket.pause();
    let isWritten = false;
    const done = written(stream, Buffer.alloc(total)).then(() => {
      isWritten = true;
    });
    // Other streams wait too, and are served in turn.
    const small = written(await peer.session.open(), Buffer.from("small"));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.not(isWritten);
    assert.not(peer.session.isClosed);
    let received = 0;
    peer.socket.removeAllListeners("data").on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    peer.socket.resume();
    await Promise.all([done, small]);
    while (received < total) await once(peer.socket, "data");
  }));

test("credit is given back when half the window was read, and not before; nothing is given for what nobody reads", () =>
  withPeer(async (peer) => {
    const stream = await opened(peer);
    const half = WINDOW / 2;
    const accepted = frame(window, ack, 2, 0);
    stream.resume();
    peer.send(frame(data, 0, 2, half - 1), "00".repeat(half - 1));
    assert.is(await peer.settled(), accepted);
    peer.send(frame(data, 0, 2, 1), "00");
    assert.is(await peer.settled(), accepted + frame(window, 0, 2, half));
    stream.pause();
    peer.send(frame(data, 0, 2, WINDOW), "00".repeat(WINDOW));
    assert.is(await peer.settled(), accepted + frame(window, 0, 2, half));
    assert.not(peer.session.isClosed);
  }));

test("a reader that stands still stops its own writer within the window, and nobody else", () =>
  within(60_000, async () => {
    const { host, plugin, close } = await sessionPair();
    const arrival = firstStream(plugin);
    const slow = await host.open();
    const total = 100 * 1024 * 1024;
    const chunk = randomBytes(65_536);
    let sent = 0;
    const writing = (async () => {
      for (; sent < total; sent += chunk.length) if (!slow.write(chunk)) await once(slow, "drain");
      slow.end();
    })();
    const reader = await arrival;
    await roundTrip(host);
    let received = 0;
    let mostHeld = 0;
    for await (const piece of reader) {
      received += (piece as Buffer).length;
      mostHeld = Math.max(mostHeld, sent - received);
      // Now and then the reader leaves the others time for much more than it reads itself.
      if (received % (8 * 1024 * 1024) < (piece as Buffer).length) await roundTrip(host);
    }
    await writing;
    assert.is(received, total);
    assert.ok(mostHeld < 2 * WINDOW, `${mostHeld} bytes were on the way`);
    close();
  }));

test("a window of single bytes is held in few pieces, large ones are not copied", () => {
  const queue = new ReceiveQueue();
  for (let n = 0; n < WINDOW; n++) queue.append(Buffer.of(n & 0xff));
  const large = Buffer.alloc(65_536, "l");
  queue.append(large);
  queue.append(Buffer.from("end"));
  assert.is(queue.length, WINDOW + large.length + 3);
  const pieces: Buffer[] = [];
  for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) pieces.push(piece);
  // Blocks of 16 KB, after some that grow to that.
  assert.ok(pieces.length < WINDOW / 16_384 + 10, `${pieces.length} pieces`);
  assert.ok(
    Buffer.concat(pieces)
      .subarray(0, WINDOW)
      .every((byte, n) => byte === (n & 0xff)),
  );
  assert.is(pieces.at(-2), large);
  assert.is(pieces.at(-1)?.toString(), "end");
  assert.is(queue.length, 0);
});

test("a window sent in single bytes arrives whole", () =>
  withPeer(async (peer) => {
    const stream = await opened(peer);
    peer.send(`${frame(data, 0, 2, 1)}7a`.repeat(WINDOW), frame(window, fin, 2, 0));
    assert.ok((await readAll(stream)).equals(Buffer.alloc(WINDOW, "z")));
  }));

test.run();
