import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { rejects, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { closed, frame, type RawPeer, readAll, sessionPair } from "../pair.ts";
import { ack, data, fin, firstStream, opened, roundTrip, rst, syn, WINDOW, window, withPeer, written } from "./with-peer.ts";

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
  within(30_000, async () => {
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

test.run();
