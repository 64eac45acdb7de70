import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { lab, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isCancellation } from "../../../src/sdk/index.ts";
import { machine } from "./machine.ts";

const rootTest = lab(test, "mounts");

rootTest("kill -9 of the process that builds leaves no process and no mount", async () => {
  const child = spawn(process.execPath, ["--conditions=source", "--import", "tsx", fileURLToPath(new URL("orphan.ts", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
    // Temporary files are all that a kill -9 may leave behind; they go with the test's own.
    env: { ...process.env, TMPDIR: tmp("orphan") },
  });
  let output = "";
  await within(20_000, async () => {
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      output += String(chunk);
      if (output.includes("inside")) break;
    }
  });
  const folder = /^folder (.*)$/m.exec(output)?.[1] ?? "";
  assert.is.not(folder, "", `the test itself: ${output}`);
  // The shell says that it is inside before its two commands have become what they are called.
  await within(20_000, async () => {
    while (mountedBelow(folder).length === 0 || sleepers().length < 2) await wait(20);
  });
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  await within(20_000, async () => {
    while (sleepers().length > 0 || mountedBelow(folder).length > 0) await wait(20);
  });
  assert.not.match(readFileSync("/proc/mounts", "utf8"), new RegExp(folder));
});

rootTest("a daemon that a command started does not hold the command up, and is gone after closing", async () => {
  const { communicator, workFolder } = await machine();
  try {
    const result = await within(20_000, () => communicator.execute({ command: "sleep 98760 & echo $!", stdout: sink(), signal: never() }));
    assert.is(result.exitCode, 0);
    assert.is(sleepers().length, 1);
  } finally {
    await communicator.close();
  }
  assert.equal(sleepers(), []);
  assert.equal(mountedBelow(workFolder), []);
  assert.equal(readdirSync(workFolder), [], "temporary files are removed");
});

rootTest("an abort ends the command with all it started in the foreground", async () => {
  const { communicator } = await machine();
  try {
    const abort = new AbortController();
    const out = sink(() => abort.abort());
    const error = await within(20_000, () =>
      rejects(communicator.execute({ command: "sh -c 'sleep 98760; true' & echo go; wait", stdout: out, signal: abort.signal })),
    );
    assert.ok(isCancellation(error));
    await within(20_000, async () => {
      while (sleepers().length > 0) await wait(10);
    });
  } finally {
    await communicator.close();
  }
});

rootTest("orphans inside are reaped", async () => {
  const { communicator } = await machine();
  try {
    const out = sink();
    // The inner shell ends before its child does, which makes the child an orphan; once that has ended, nothing of it may be left.
    const command = "sh -c 'sleep 0.1 & echo $! > /tmp/pid'; while kill -0 $(cat /tmp/pid) 2>/dev/null; do sleep 0.05; done; echo reaped";
    await within(20_000, () => communicator.execute({ command, stdout: out, signal: never() }));
    assert.is(out.text(), "reaped\n");
  } finally {
    await communicator.close();
  }
});

rootTest("settings of the running kernel are read-only inside, and its host name is its own", async () => {
  const { communicator } = await machine();
  try {
    const { exitCode } = await communicator.execute({
      command: "echo 1 > /proc/sys/kernel/panic_on_oops",
      stderr: sink(),
      signal: never(),
    });
    assert.is.not(exitCode, 0);
  } finally {
    await communicator.close();
  }
});

function sink(first?: () => void) {
  const chunks: Buffer[] = [];
  let notify = first;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      notify?.();
      notify = undefined;
      done();
    },
  });
  return Object.assign(stream, { text: () => Buffer.concat(chunks).toString() });
}

function never(): AbortSignal {
  return new AbortController().signal;
}

/** Processes of this machine that sleep as long as our commands do. */
function sleepers(): string[] {
  return processes().filter((pid) => /^sleep\x009876[01]\x00/.test(read(`/proc/${pid}/cmdline`)));
}

/** Processes that see something mounted below a folder. */
function mountedBelow(folder: string): string[] {
  return processes().filter((pid) => read(`/proc/${pid}/mountinfo`).includes(folder));
}

function processes(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // It has ended.
  }
}

test.run();
