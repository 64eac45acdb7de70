import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { rejects, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Session } from "../../../src/protocol/transport.ts";
import { ReceiveQueue } from "../../../src/protocol/yamux/receive-queue.ts";
import { closed, frame, type RawPeer, rawPeer, readAll, sessionPair } from "../pair.ts";

const WINDOW = 262_144;
const data = 0;
const window = 1;
const [syn, ack, fin, rst] = [1, 2, 4, 8];

/** A session whose raw peer is done with within 10 seconds. */
function withPeer(body: (peer: RawPeer) => Promise<void>, options: Parameters<typeof rawPeer>[0] = {}): Promise<void> {
  return within(10_000, async () => {
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
async function opened(peer: RawPeer, id = 2): Promise<Duplex> {
  const stream = new Promise<Duplex>((resolve) => peer.session.onStream(resolve));
  peer.send(frame(window, syn, id, 0));
  return stream;
}

async function written(stream: Duplex, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => stream.write(bytes, (error) => (error ? reject(error) : resolve())));
}

test("a stream is opened, used and closed with the frames that Go's peers use", () =>
  withPeer(async (peer) => {
    const stream = await peer.session.open();
    stream.write(Buffer.alloc(4));
    assert.is(await peer.received(28), "000100010000000100000000" + "000000000000000100000004" + "00000000");
    peer.send("000100020000000100000000", "000000000000000100000004 00000000");
    assert.equal((await once(stream, "data"))[0], Buffer.alloc(4));
    stream.end();
    assert.is((await peer.received(40)).slice(56), "000100040000000100000000");
    peer.send("000100040000000100000000");
    await closed(stream);
    assert.is((await peer.settled()).length, 80, "nothing is sent about a stream that is closed");
    assert.match(await peer.session.open().then(() => peer.settled()), /000100010000000300000000$/, "the next id is 3");
  }));

test("a server counts its streams evenly, and accepts odd ones", () =>
  withPeer(
    async (peer) => {
      await peer.session.open();
      assert.is(await peer.settled(), frame(window, syn, 2, 0));
      await opened(peer, 1);
      assert.is(await peer.settled(), frame(window, syn, 2, 0) + frame(window, ack, 1, 0));
    },
    { role: "server" },
  ));

test("pings are answered, and sent with values counting from 0; a peer that does not answer two is lost", () =>
  withPeer(
    async (peer) => {
      const stream = await peer.session.open();
      const error = await peer.session.closed;
      assert.is((error as { code?: string }).code, "TPK4003");
      assert.is(error?.message, "the connection to the plugin was lost: it does not answer any more");
      assert.is(stream.errored, error);
      const pings = frame(2, syn, 0, 0) + frame(2, syn, 0, 1);
      assert.is((await peer.received(36)).slice(24), pings);
    },
    { pingIntervalMs: 10 },
  ));

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

test("our half is closed once, however a stream ends", async () => {
  const endings: readonly (readonly [string, (stream: Duplex, peer: RawPeer) => unknown, string])[] = [
    ["end", (stream) => stream.end(), frame(window, fin, 2, 0)],
    ["end twice", (stream) => stream.end().end(), frame(window, fin, 2, 0)],
    ["destroy", (stream) => stream.destroy(), frame(window, rst, 2, 0)],
    ["destroy twice", (stream) => stream.destroy().destroy(), frame(window, rst, 2, 0)],
    ["destroy with an error", (stream) => stream.destroy(new Error("x")), frame(window, rst, 2, 0)],
    ["end, then destroy", (stream) => stream.end(() => stream.destroy()), frame(window, fin, 2, 0) + frame(window, rst, 2, 0)],
    ["read to the end, then destroy", (stream, peer) => readFirst(stream, peer), frame(window, fin, 2, 0)],
    ["both ends, then destroy", (stream, peer) => endBoth(stream, peer), frame(window, fin, 2, 0)],
    ["reset by the peer, then destroy", (stream, peer) => resetFirst(stream, peer), ""],
  ];
  for (const [name, finish, expected] of endings) {
    await withPeer(async (peer) => {
      const stream = await opened(peer);
      await finish(stream, peer);
      assert.is((await peer.settled()).slice(24), expected, name);
      assert.not(peer.session.isClosed, name);
    });
  }
});

async function endBoth(stream: Duplex, peer: RawPeer): Promise<void> {
  peer.send(frame(window, fin, 2, 0));
  stream.resume().end();
  await closed(stream);
  stream.destroy();
}

async function readFirst(stream: Duplex, peer: RawPeer): Promise<void> {
  peer.send(frame(window, fin, 2, 0));
  await readAll(stream);
  stream.destroy();
}

async function resetFirst(stream: Duplex, peer: RawPeer): Promise<void> {
  peer.send(frame(window, rst, 2, 0));
  await closed(stream);
  assert.match(stream.errored?.message ?? "", /it gave up the stream/);
  stream.destroy();
}

test("a half-closed stream still carries data the other way, and what came is read after the connection is gone", () =>
  within(10_000, async () => {
    const { host, plugin, close } = await sessionPair();
    const arrival = firstStream(plugin);
    const near = await host.open();
    near.end("question");
    const far = await arrival;
    assert.is((await readAll(far)).toString(), "question");
    const late = randomBytes(100_000);
    far.end(late);
    await once(near, "readable");
    await closed(far);
    // The session is closed while it is unread.
    await roundTrip(host);
    close();
    assert.ok((await readAll(near)).equals(late));
  }));

/** A round trip on a stream of its own, over an echo: all that was sent before it has arrived. */
async function roundTrip(session: Session): Promise<void> {
  const stream = await session.open();
  stream.end("x");
  assert.is((await readAll(stream)).toString(), "x");
}

/** The first stream that the peer opens; all others are echoed. */
function firstStream(session: Session): Promise<Duplex> {
  return new Promise((resolve) => {
    session.onStream((stream) => {
      resolve(stream);
      session.onStream((other) => other.pipe(other));
    });
  });
}

test("a stream that the peer resets after its end keeps what it received; writing to it fails", () =>
  withPeer(async (peer) => {
    const stream = await opened(peer);
    peer.send(frame(data, fin, 2, 3), "616263", frame(window, rst, 2, 0));
    await peer.settled();
    assert.is((await readAll(stream)).toString(), "abc");
    await rejects(written(stream, Buffer.from("x")));
  }));

test("frames of streams that nobody knows are dropped with their payload", () =>
  withPeer(async (peer) => {
    peer.send(frame(data, 0, 77, 5), "0102030405", frame(window, fin, 9, 0), frame(window, rst, 11, 0), frame(data, fin, 12, 1), "ff");
    const stream = await opened(peer);
    peer.send(frame(data, fin, 2, 2), "6f6b");
    assert.is((await readAll(stream)).toString(), "ok");
  }));

test("up to 256 streams wait for a listener; more are refused", () =>
  withPeer(async (peer) => {
    for (let id = 2; id <= 2 * 257; id += 2) peer.send(frame(window, syn, id, 0));
    assert.is(await peer.settled(), frame(window, rst, 514, 0));
    const seen: Duplex[] = [];
    peer.session.onStream((stream) => seen.push(stream));
    assert.is(seen.length, 256);
    assert.is((await peer.settled()).length, 24 * 257, "each is acknowledged when it is handed over");
  }));

test("no more than 256 streams are opened that the peer has not answered", () =>
  withPeer(async (peer) => {
    for (let n = 0; n < 256; n++) await peer.session.open();
    let isOpen = false;
    const last = peer.session.open().then(() => {
      isOpen = true;
    });
    assert.is((await peer.settled()).length, 24 * 256);
    assert.not(isOpen);
    peer.send(frame(window, ack, 1, 0));
    await last;
    const waiting = peer.session.open();
    peer.session.close();
    await rejects(waiting, { code: "TPK4003", message: /the connection is closed/ });
    await rejects(peer.session.open(), { code: "TPK4003" });
  }));

test("a peer that asks for no more streams gets none; the streams there are go on", () =>
  withPeer(async (peer) => {
    const stream = await opened(peer);
    peer.send(frame(3, 0, 0, 0), frame(data, fin, 2, 1), "61");
    assert.is((await readAll(stream)).toString(), "a");
    await rejects(peer.session.open(), { code: "TPK4003", message: /it accepts no more streams/ });
    assert.not(peer.session.isClosed);
  }));

test("what breaks the protocol ends the session with one error, tells the peer, and fails every stream", async () => {
  const attacks: readonly (readonly [string, RegExp])[] = [
    [Buffer.from("panic: runtime error").toString("hex"), /sent a frame of version 112/],
    [frame(4, 0, 0, 0), /a frame of unknown type 4/],
    [frame(data, 0x10, 2, 0), /a frame with unknown flags 0x10/],
    [frame(data, 0, 2, WINDOW + 1), /a frame of 262145 bytes/],
    [frame(data, 0, 99, 0xffff_ffff), /a frame of 4294967295 bytes/],
    [frame(data, 0, 2, WINDOW) + "00".repeat(WINDOW) + frame(data, 0, 2, WINDOW), /more data on stream 2 than it may send/],
    [frame(window, fin, 2, 0).repeat(2), /a second end of stream 2/],
    [frame(data, fin, 2, 0).repeat(2), /a second end of stream 2/],
    [frame(window, fin, 2, 0) + frame(data, 0, 2, 1), /more data on stream 2/],
    [frame(window, 0, 2, 0xffff_ffff), /too much credit for stream 2/],
    [frame(window, syn, 2, 0), /a new stream with the wrong number 2/],
    [frame(window, syn, 3, 0), /a new stream with the wrong number 3/],
    [frame(window, syn, 0, 0), /a new stream with the wrong number 0/],
    [frame(2, syn, 5, 0), /a frame of type 2 for stream 5/],
  ];
  for (const [hex, message] of attacks) {
    await withPeer(async (peer) => {
      const stream = await opened(peer);
      peer.send(hex);
      const error = await peer.session.closed;
      assert.match(error?.message ?? "", message);
      assert.is((error as { code?: string }).code, "TPK4002", hex.slice(0, 40));
      assert.ok(stream.destroyed || stream.readableLength === 0, hex.slice(0, 40));
      await once(peer.socket, "close");
      assert.ok((await peer.received(0)).endsWith(frame(3, 0, 0, 1)), hex.slice(0, 40));
    });
  }
});

test("a lost connection fails the streams with what happened; a clean end is no error", async () => {
  const ends: readonly (readonly [string, (peer: RawPeer) => unknown, RegExp | undefined])[] = [
    ["in a header", (peer) => peer.socket.end(Buffer.alloc(3)), /ended in the middle of a frame/],
    ["in a payload", (peer) => peer.socket.end(Buffer.from(`${frame(data, 0, 2, 2)}00`, "hex")), /ended in the middle of a frame/],
    ["with a stream open", (peer) => peer.socket.end(), /lost: it closed the connection/],
    ["after an internal error", (peer) => peer.send(frame(3, 0, 0, 2)), /lost: it reports an internal error/],
    ["after a protocol error", (peer) => peer.send(frame(3, 0, 0, 1)), /lost: it says that we broke the protocol/],
  ];
  for (const [name, cut, message] of ends) {
    await withPeer(async (peer) => {
      const stream = await opened(peer);
      await cut(peer);
      const error = await peer.session.closed;
      assert.match(error?.message ?? "", message ?? /^$/, name);
      assert.is((error as { code?: string }).code, "TPK4003", name);
      assert.is(stream.errored, error, name);
    });
  }
  await withPeer(async (peer) => {
    const stream = await opened(peer);
    stream.end();
    await peer.settled();
    peer.socket.end();
    assert.is(await peer.session.closed, undefined);
  });
});

test("a peer that floods pings and reads no answers is given up", () =>
  withPeer(async (peer) => {
    peer.socket.pause();
    const pings = Buffer.from(frame(2, syn, 0, 1).repeat(100_000), "hex");
    while (!peer.session.isClosed) if (!peer.socket.write(pings)) await Promise.race([once(peer.socket, "drain"), peer.session.closed]);
    assert.match((await peer.session.closed)?.message ?? "", /it does not read what it is sent/);
  }));

test("many streams at once carry each its own bytes both ways, whatever their sizes", () =>
  within(30_000, async () => {
    const { host, plugin, close } = await sessionPair();
    plugin.onStream((stream) => stream.pipe(stream));
    const sizes = [0, 1, 11, 12, 13, 65_535, 65_536, 65_537, WINDOW - 1, WINDOW, WINDOW + 1, 1_000_000];
    await Promise.all(
      sizes.map(async (size) => {
        const stream = await host.open();
        const payload = randomBytes(size);
        const echo = readAll(stream);
        for (let at = 0, step = 1; at < size; at += step, step = (step * 7) % 50_021) {
          if (!stream.write(payload.subarray(at, at + step))) await once(stream, "drain");
        }
        stream.end();
        assert.ok((await echo).equals(payload), `${size} bytes`);
      }),
    );
    close();
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
