import { once } from "node:events";
import { rejects } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { overlap } from "../../src/communicator/overlap.ts";
import { isCancellation } from "../../src/diagnostics/error.ts";

for (const hasAnswered of [false, true]) {
  test(`what an attempt ${hasAnswered ? "that was answered " : ""}brings after the cancellation is given up`, async () => {
    const stop = new AbortController();
    const discarded: string[] = [];
    const waiting = overlap({
      attempt: async (signal, news) => {
        if (hasAnswered) news.answered();
        await once(signal, "abort");
        return "late";
      },
      againMs: undefined,
      discard: async (value) => void discarded.push(value),
      signal: stop.signal,
    });
    stop.abort();
    assert.ok(isCancellation(await rejects(waiting)));
    assert.equal(discarded, ["late"]);
  });
}

test("what an attempt brings that was given up for a newer one is not taken, and the first one stays", async () => {
  const discarded: number[] = [];
  let made = 0;
  let succeed = (): void => undefined;
  const first = new Promise<void>((resolve) => {
    succeed = resolve;
  });
  const value = await overlap({
    attempt: async (signal, news) => {
      const number = ++made;
      news.begun();
      if (number === 1) {
        await first;
        return number;
      }
      await once(signal, "abort");
      if (number === 3) succeed();
      return number;
    },
    againMs: () => 0,
    discard: async (number) => void discarded.push(number),
    signal: new AbortController().signal,
  });
  assert.is(value, 1);
  assert.equal(discarded.slice(0, 2), [2, 3]);
});

test("an attempt that begins after the cancellation brings no other", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const stop = new AbortController();
  const waiting = overlap({
    attempt: async (signal, news) => {
      await once(signal, "abort");
      for (let ticks = 0; ticks < 20; ticks++) await undefined;
      news.begun();
      throw new Error("given up");
    },
    againMs: () => 60_000,
    discard: async () => undefined,
    signal: stop.signal,
  });
  stop.abort();
  await rejects(waiting);
  assert.is(timers(), before, "no timer is left that would make one");
});

test.run();
