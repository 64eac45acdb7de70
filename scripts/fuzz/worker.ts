// Runs cases in a thread of its own, so that one that never ends can be told and stopped.
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { inputFor, runCase } from "./cases.ts";
import { readSeeds } from "./seeds.ts";

/** What the thread is told. `current` holds the number of the case it works on. */
export interface Work {
  readonly seed: number;
  readonly first: number;
  readonly count: number;
  readonly folders: readonly string[];
  readonly current: SharedArrayBuffer;
}

/** What the thread answers at its end. */
export type Outcome =
  | { readonly kind: "done"; readonly count: number }
  | { readonly kind: "failed"; readonly index: number; readonly message: string };

const { seed, first, count, folders, current }: Work = workerData;
const seeds = readSeeds(folders);
const position = new Int32Array(current);
const folder = join(tmpdir(), `tspack-fuzz-${process.pid}-${first}`);
let outcome: Outcome = { kind: "done", count };
for (let index = first; index < first + count; index++) {
  Atomics.store(position, 0, index);
  try {
    await runCase(inputFor(seed + index, seeds), folder);
  } catch (error) {
    outcome = { kind: "failed", index, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    break;
  }
}
rmSync(folder, { recursive: true, force: true });
parentPort?.postMessage(outcome);
