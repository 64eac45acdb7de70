import { test } from "uvu";
import * as assert from "uvu/assert";
import { within } from "../../../../test/support/src/index.ts";
import { runTasks, type Task } from "../../src/engine/scheduler.ts";

const never = new AbortController().signal;

function tasks(log: string[], graph: { readonly [name: string]: readonly string[] }, failing: readonly string[] = []): Task[] {
  return Object.entries(graph).map(([name, waitsFor]) => ({
    name,
    waitsFor,
    limited: true,
    run: async () => {
      log.push(`${name} starts`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`${name} ends`);
      return !failing.includes(name);
    },
    skip: (cause) => void log.push(`${name} skipped for ${cause}`),
    cancel: () => void log.push(`${name} cancelled`),
  }));
}

test("what is ready starts at once, in order; the rest when its parents are done", async () => {
  const log: string[] = [];
  await runTasks(tasks(log, { c: ["a", "b"], a: [], b: [] }), { limit: 0, signal: never });
  assert.equal(log, ["a starts", "b starts", "a ends", "b ends", "c starts", "c ends"]);
});

test("with a limit, the order given decides who is next", async () => {
  const log: string[] = [];
  await runTasks(tasks(log, { a: [], child: ["a"], b: [], c: [] }), { limit: 1, signal: never });
  assert.equal(
    log.filter((line) => line.endsWith("starts")),
    ["a starts", "child starts", "b starts", "c starts"],
  );
});

test("a failure skips what waits for it, once, and everything else goes on", async () => {
  const log: string[] = [];
  await runTasks(tasks(log, { a: [], b: [], ab: ["a", "b"], deep: ["ab"], only: ["b"] }, ["a"]), { limit: 0, signal: never });
  assert.equal(log.filter((line) => !line.endsWith("starts")).sort(), [
    "a ends",
    "ab skipped for a",
    "b ends",
    "deep skipped for ab",
    "only ends",
  ]);
});

test("two failing parents skip a child once", async () => {
  const log: string[] = [];
  await runTasks(tasks(log, { a: [], b: [], ab: ["a", "b"] }, ["a", "b"]), { limit: 0, signal: never });
  assert.is(log.filter((line) => line.startsWith("ab")).length, 1);
});

test("after an abort nothing starts, and all that was left hears of it", async () => {
  const log: string[] = [];
  const abort = new AbortController();
  const all = tasks(log, { a: [], b: [], c: [], child: ["c"] });
  const [first] = all;
  assert.ok(first);
  await within(20_000, () =>
    runTasks(
      [
        {
          ...first,
          run: async () => {
            abort.abort();
            return true;
          },
        },
        ...all.slice(1),
      ],
      { limit: 1, signal: abort.signal },
    ),
  );
  assert.equal(log, ["b cancelled", "c cancelled", "child cancelled"]);
});

test("no tasks are done at once", async () => {
  await within(20_000, () => runTasks([], { limit: 0, signal: never }));
});

test.run();
