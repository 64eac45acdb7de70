import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { KEPT_RUNS, pruneRuns, runOwner } from "../../src/engine/prune-runs.ts";
import { runProgram } from "../../src/engine/run-program.ts";
import { program } from "./programs.ts";

/** The name of the n-th run since 1970. */
function name(n: number): string {
  return `${String(n).padStart(8, "0")}-0000-7000-8000-000000000000`;
}

/** A folder of runs, the newest last; each has an event file and this ledger. */
function runs(...ledgers: readonly { readonly [name: string]: unknown }[]): string {
  const parent = tmp("prune");
  for (const [index, ledger] of ledgers.entries()) {
    mkdirSync(join(parent, name(index), "logs"), { recursive: true });
    writeFileSync(join(parent, name(index), "events.ndjson"), "{}\n");
    writeFileSync(join(parent, name(index), "ledger.json"), JSON.stringify({ id: name(index), ...ledger }));
  }
  return parent;
}

const done = { outcome: "succeeded" };

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ["-e", "0"]);
  await once(child, "exit");
  return child.pid ?? 0;
}

test("the newest runs are kept", async () => {
  const parent = runs(done, { outcome: "failed" }, { outcome: "cancelled" }, done);
  assert.equal(await pruneRuns(parent, 2), []);
  assert.equal(readdirSync(parent).sort(), [name(2), name(3)]);
});

test("a run that goes on is kept, one whose process was killed is not", async () => {
  const dead = await deadProcess();
  const running = { outcome: "running" };
  const parent = runs(
    { ...running, ...runOwner() },
    { ...running, host: hostname(), process: dead },
    { ...running, host: "another-machine", process: dead },
    running,
    done,
  );
  await pruneRuns(parent, 1);
  assert.equal(readdirSync(parent).sort(), [name(0), name(2), name(3), name(4)]);
});

test("whatever is not a run with its own ledger stays", async () => {
  const parent = runs(done, { ...done, id: "something else" }, done);
  const elsewhere = runs(done);
  mkdirSync(join(parent, "mine"));
  writeFileSync(join(parent, name(7)), "a file");
  mkdirSync(join(parent, name(8)));
  symlinkSync(join(elsewhere, name(0)), join(parent, name(9)));
  assert.equal(await pruneRuns(parent, 0), []);
  assert.equal(readdirSync(parent).sort(), [name(1), name(7), name(8), name(9), "mine"]);
  assert.equal(readdirSync(join(elsewhere, name(0))).sort(), ["events.ndjson", "ledger.json", "logs"]);
});

test("a folder that cannot be read is told and nothing else", async () => {
  assert.match((await pruneRuns(join(tmp("prune"), "none"))).join(), /ENOENT/);
});

test("a run leaves the newest runs and itself", async () => {
  const parent = runs(...Array.from({ length: KEPT_RUNS + 5 }, () => done));
  const { id, result } = runProgram(program([]), { runsDirectory: parent });
  await result;
  const names = readdirSync(parent).sort();
  assert.is(names.length, KEPT_RUNS);
  assert.is(names.at(-1), id);
  assert.is(names[0], name(6));
});

test.run();
