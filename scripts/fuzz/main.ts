// Feeds random templates to the parsers, the evaluator, the formatter, hcl2_upgrade, fix and all that loads: nothing may crash or hang.
// usage: npm run fuzz -- [--cases=100000] [--seed=N] [--only=INDEX]
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { inputFor } from "./cases.ts";
import { readSeeds } from "./seeds.ts";
import type { Outcome, Work } from "./worker.ts";

/** A case that is still the same after so many looks hangs: 30 s, of which none counts in which this process had no turn either. */
const LONGEST_LOOKS = 60;
const LOOK_MS = 500;

const flags = new Map(
  process.argv
    .slice(2)
    .map((word) => word.replace(/^--/, "").split("=", 2))
    .map(([name, value]) => [name ?? "", Number(value)]),
);
const seed = flags.get("seed") ?? Date.now() % 1_000_000_000;
const only = flags.get("only");
const cases = only === undefined ? (flags.get("cases") ?? 100_000) : 1;
const workerFile = new URL("./worker.ts", import.meta.url).href;
const tests = fileURLToPath(new URL("../../packages/dsl/test", import.meta.url));
const corpus = process.env.TSPACK_CORPUS;
const folders = corpus === undefined ? [tests] : [tests, corpus];

/** Runs the cases, a thread per core, and answers what went wrong first. */
async function fuzz(): Promise<string | undefined> {
  const threads = only === undefined ? 2 : 1;
  const share = Math.ceil(cases / threads);
  const failures = await Promise.all(
    Array.from({ length: threads }, (_, thread) => run((only ?? 0) + thread * share, Math.min(share, cases - thread * share))),
  );
  return failures.find((failure) => failure !== undefined);
}

function run(first: number, count: number): Promise<string | undefined> {
  const current = new SharedArrayBuffer(4);
  // The thread has not begun: what it loads first is no case.
  const position = new Int32Array(current).fill(-1);
  const workerData: Work = { seed, first, count, folders, current };
  // Node 20 takes no loader for a thread: it is registered in the thread, before the TypeScript file is loaded.
  const start = `import("tsx/esm/api").then(({ register }) => { register(); return import(${JSON.stringify(workerFile)}); })`;
  const worker = new Worker(start, { eval: true, workerData });
  return new Promise((resolve) => {
    let seen = { index: -1, looks: 0 };
    const watch = setInterval(() => {
      const index = Atomics.load(position, 0);
      seen = { index, looks: index === seen.index ? seen.looks + 1 : 0 };
      if (index >= 0 && seen.looks > LONGEST_LOOKS) finish(report(index, `no end after ${(LONGEST_LOOKS * LOOK_MS) / 1000} s`));
    }, LOOK_MS);
    const finish = (failure: string | undefined): void => {
      clearInterval(watch);
      void worker.terminate();
      resolve(failure);
    };
    worker.on("message", (outcome: Outcome) => finish(outcome.kind === "failed" ? report(outcome.index, outcome.message) : undefined));
    worker.on("error", (error) => finish(position[0] === -1 ? error.message : report(Atomics.load(position, 0), error.message)));
  });
}

function report(index: number, message: string): string {
  const { text, from, language, door } = inputFor(seed + index, readSeeds(folders));
  const file = join(tmpdir(), `tspack-fuzz-${seed}-${index}.${language}`);
  writeFileSync(file, text);
  return `${message}\n\nThe input, from ${from}${door === undefined ? "" : ` as ${door}`}, is in ${file}. Again: npm run fuzz -- --seed=${seed} --only=${index}`;
}

const started = Date.now();
const failure = await fuzz();
const seconds = ((Date.now() - started) / 1000).toFixed(1);
if (failure === undefined) console.log(`fuzz: ${cases} cases passed in ${seconds} s, seed ${seed}`);
else {
  console.error(`fuzz: failed with seed ${seed}\n${failure}`);
  process.exitCode = 1;
}
