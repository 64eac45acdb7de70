// Streams of two connections that are joined: what comes on one goes on on the other.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { MuxStream } from "../../../src/protocol/yamux/stream.ts";
import { closed, readAll, sessionPair } from "../pair.ts";

interface Joined {
  /** The ends that are far from the host; what one writes the other reads. */
  readonly left: MuxStream;
  readonly right: MuxStream;
  /** Resolve when a way is over. */
  readonly toRight: Promise<void>;
  readonly toLeft: Promise<void>;
}

function withJoined(body: (joined: Joined) => Promise<void>): Promise<void> {
  return within(20_000, async () => {
    const pairs = await Promise.all([sessionPair(), sessionPair()]);
    const [one, other] = await Promise.all(
      pairs.map(async ({ host, plugin }) => {
        const arrival = new Promise<MuxStream>((resolve) => host.onStream(resolve));
        const far = await plugin.open();
        return { far, near: await arrival };
      }),
    );
    assert.ok(one !== undefined && other !== undefined);
    const toRight = new Promise<void>((resolve) => one.near.forwardTo(other.near, resolve));
    const toLeft = new Promise<void>((resolve) => other.near.forwardTo(one.near, resolve));
    try {
      await body({ left: one.far, right: other.far, toRight, toLeft });
    } finally {
      for (const pair of pairs) pair.close();
    }
  });
}

test("bytes and ends go on both ways, each by itself", () =>
  withJoined(async ({ left, right, toRight, toLeft }) => {
    const sent = randomBytes(3_000_000);
    left.end(sent);
    assert.ok((await readAll(right)).equals(sent));
    await toRight;
    right.end("answer");
    assert.is((await readAll(left)).toString(), "answer");
    await toLeft;
  }));

test("a reader that does not read holds up the writer, and loses nothing", () =>
  withJoined(async ({ left, right }) => {
    const sent = randomBytes(2_000_000);
    let isTaken = false;
    left.write(sent, () => {
      isTaken = true;
    });
    // An answer that came the other way was on its way after the bytes that fill the windows.
    right.write("x");
    await once(left, "data");
    assert.not(isTaken);
    left.end();
    assert.ok((await readAll(right)).equals(sent));
    assert.ok(isTaken);
  }));

test("a stream that is reset resets the other", () =>
  withJoined(async ({ left, right, toRight, toLeft }) => {
    const lost = closed(right);
    left.destroy();
    await Promise.all([lost, toRight, toLeft]);
    assert.match(right.errored?.message ?? "", /gave up the stream/);
  }));

test("who has said all and goes away does not take back what it said, and what it is sent is dropped", () =>
  withJoined(async ({ left, right, toRight, toLeft }) => {
    right.write("x");
    await once(left, "data");
    left.end("the last word");
    await toRight;
    // Its own half was open still: it reads no more.
    left.destroy();
    assert.is((await readAll(right)).toString(), "the last word");
    await toLeft;
    right.end(randomBytes(1_000_000));
    await once(right, "finish");
  }));

test.run();
