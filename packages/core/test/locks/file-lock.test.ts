import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { withFileLock } from "../../src/locks/file-lock.ts";

const { signal } = new AbortController();
const source = fileURLToPath(new URL("../../src/locks/file-lock.ts", import.meta.url));

/** A process that takes the lock, prints `held`, does `body` and lets it go. */
function holder(lock: string, body: string): ReturnType<typeof spawn> {
  const program = `
    import { withFileLock } from ${JSON.stringify(source)};
    import { readFileSync, writeFileSync } from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises";
    await withFileLock(${JSON.stringify(lock)}, { signal: new AbortController().signal }, async () => { console.log("held"); ${body} });`;
  const file = join(tmp(), "holder.mts");
  writeFileSync(file, program);
  return spawn(process.execPath, ["--conditions=source", "--import", "tsx", file], { stdio: ["ignore", "pipe", "inherit"] });
}

test("tasks of one process take turns, in order, and leave no file", async () => {
  const lock = join(tmp(), "f.lock");
  const order: string[] = [];
  await Promise.all(
    [1, 2, 3].map((task) =>
      withFileLock(lock, { signal }, async () => {
        assert.ok(existsSync(lock));
        order.push(`${task} in`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${task} out`);
      }),
    ),
  );
  assert.equal(order, ["1 in", "1 out", "2 in", "2 out", "3 in", "3 out"]);
  assert.not.ok(existsSync(lock));
});

test("a body that throws lets the next one in", async () => {
  const lock = join(tmp(), "f.lock");
  await rejects(
    withFileLock(lock, { signal }, async () => {
      throw new Error("no luck");
    }),
    { message: /no luck/ },
  );
  assert.is(await withFileLock(lock, { signal }, async () => 7), 7);
});

test("processes that count in one file lose no count", () =>
  within(30_000, async () => {
    const folder = tmp();
    const file = join(folder, "count");
    writeFileSync(file, "0");
    const add = `for (let i = 0; i < 3; i++) { const n = Number(readFileSync(${JSON.stringify(file)}, "utf8")); await sleep(5); writeFileSync(${JSON.stringify(file)}, String(n + 1)); }`;
    const processes = [1, 2, 3].map(() => holder(`${file}.lock`, add));
    const codes = await Promise.all(processes.map(async (child) => (await once(child, "exit"))[0]));
    assert.equal(codes, [0, 0, 0]);
    assert.is(readFileSync(file, "utf8"), "9");
    assert.equal(readdirSync(folder), ["count"]);
  }));

test("the lock of a process that was killed is taken over", () =>
  within(30_000, async () => {
    const lock = join(tmp(), "f.lock");
    const child = holder(lock, "await sleep(60_000);");
    assert.ok(child.stdout);
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.ok(existsSync(lock));
    let waits = 0;
    await withFileLock(lock, { signal, onWait: () => waits++ }, async () => undefined);
    assert.is(waits, 1);
    assert.not.ok(existsSync(lock));
  }));

test("the lock of a process with our number, which a container before this one had, is taken over as quickly", () =>
  within(9_500, async () => {
    const lock = join(tmp(), "f.lock");
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), token: "another" }));
    await withFileLock(lock, { signal }, async () => undefined);
    assert.not.ok(existsSync(lock));
  }));

test("waiting ends when the signal aborts, behind a process and behind a task", () =>
  within(20_000, async () => {
    const lock = join(tmp(), "f.lock");
    writeFileSync(lock, "");
    const outer = new AbortController();
    await rejects(
      withFileLock(lock, { signal: outer.signal, onWait: () => outer.abort() }, async () => undefined),
      { code: "TPK6009" },
    );
    assert.ok(existsSync(lock), "the other's lock is still there");

    const other = join(tmp(), "g.lock");
    await withFileLock(other, { signal }, async () => {
      const inner = new AbortController();
      const waiting = withFileLock(other, { signal: inner.signal }, async () => undefined);
      inner.abort();
      await rejects(waiting, { code: "TPK6009" });
    });
    // The one that gave up did not break the queue.
    await withFileLock(other, { signal }, async () => undefined);
  }));

test("a folder that does not exist is an error, not a wait", async () => {
  const folder = join(tmp(), "gone");
  await rejects(
    withFileLock(join(folder, "f.lock"), { signal }, async () => undefined),
    { code: "ENOENT" },
  );
  mkdirSync(folder);
  await withFileLock(join(folder, "f.lock"), { signal }, async () => undefined);
});

test.run();
