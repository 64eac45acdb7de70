import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { lab, RecordingUi, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { errorText } from "../../src/diagnostics/error.ts";
import { type LocalCommandOptions, runLocal } from "../../src/sdk/local-command.ts";

const env = { PATH: process.env.PATH };
const unix = lab(test, "linux");

function start(script: string, changes: Partial<LocalCommandOptions> = {}) {
  const ui = new RecordingUi();
  const controller = new AbortController();
  const result = runLocal(["/bin/sh", "-c", script], { env, cwd: tmp(), ui, signal: controller.signal, ...changes });
  return { ui, controller, result };
}

/** Waits until a process wrote its id there. */
async function pidIn(file: string): Promise<number> {
  return within(20_000, async () => {
    while (!existsSync(file) || !readFileSync(file, "utf8").endsWith("\n")) await new Promise(setImmediate);
    return Number(readFileSync(file, "utf8"));
  });
}

/** True while the process runs; one that has ended but was not collected by its parent has no command line. */
function runs(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
  } catch {
    return false;
  }
}

/** Resolves when the process has ended: on a loaded machine the kernel takes its time after the kill. */
async function gone(pid: number): Promise<void> {
  await within(20_000, async () => {
    while (runs(pid)) await pause(10);
  });
}

unix("output comes line by line, and the exit code is the result", async () => {
  const { ui, result } = start("echo out; echo err >&2; exit 3");
  assert.is(await result, 3);
  assert.equal([...ui.lines].sort(), ["stderr: err", "stdout: out"]);
});

unix("the environment is what was given and nothing else", async () => {
  const { ui, result } = start('echo "$A-$HOME-"', { env: { A: "a b" } });
  await result;
  assert.equal(ui.lines, ["stdout: a b--"]);
});

unix("standard input is empty, or what was given; a program need not read it", async () => {
  const empty = start("cat; echo end");
  await empty.result;
  assert.equal(empty.ui.lines, ["stdout: end"]);
  const fed = start("cat", { stdin: Readable.from(["fed\n"]) });
  await fed.result;
  assert.equal(fed.ui.lines, ["stdout: fed"]);
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(65_536);
    })(),
  );
  assert.is(await within(20_000, () => start("exit 0", { stdin: endless }).result), 0);
  assert.ok(endless.destroyed);
});

unix("a program ended by a signal has the exit code a shell gives it", async () => {
  assert.is(await start("kill -9 $$").result, 137);
});

unix("a program that does not exist is an error that names it", async () => {
  const controller = new AbortController();
  const error = await rejects(runLocal(["/no/such", "x"], { env, cwd: tmp(), ui: new RecordingUi(), signal: controller.signal }), {
    code: "TPK6008",
  });
  assert.match(errorText(error), /could not start "\/no\/such": .*ENOENT/);
});

unix("an abort stops the program and what it started in the background", async () => {
  const folder = tmp();
  const file = join(folder, "pid");
  const { controller, result } = start(`(trap '' TERM; sleep 1000 & echo $! > ${file}; wait) & wait`);
  const grandchild = await pidIn(file);
  // While it turns from a shell into sleep it has no command line for a moment.
  await within(20_000, async () => {
    while (!runs(grandchild)) await pause(10);
  });
  controller.abort();
  await within(20_000, () => rejects(result, { code: "TPK6009" }));
  await gone(grandchild);
});

unix("a program that ignores the request to end is killed after the grace time", async () => {
  const file = join(tmp(), "pid");
  const { controller, result } = start(`trap '' TERM; echo $$ > ${file}; while :; do sleep 0.05; done`, { graceMs: 100 });
  const pid = await pidIn(file);
  controller.abort();
  await within(20_000, () => rejects(result, { code: "TPK6009" }));
  await gone(pid);
});

unix("what is still running when our own process exits is killed", async () => {
  const folder = tmp();
  const file = join(folder, "pid");
  const program = `
    import { existsSync } from "node:fs";
    import { startProcessGroup } from ${JSON.stringify(new URL("../../src/sdk/process-group.ts", import.meta.url).href)};
    startProcessGroup(["/bin/sh", "-c", "sleep 1000 & echo $! > ${file}; wait"], { env: { PATH: process.env.PATH }, cwd: "/" });
    const timer = setInterval(() => existsSync(${JSON.stringify(file)}) && process.exit(0), 10);
  `;
  const argv = [...process.execArgv, "--input-type=module", "-e", program] as const;
  const ui = new RecordingUi();
  const code = await runLocal([process.execPath, ...argv], { env, cwd: process.cwd(), ui, signal: new AbortController().signal });
  assert.is(code, 0, ui.text);
  const pid = await pidIn(file);
  await within(20_000, async () => {
    while (runs(pid)) await new Promise(setImmediate);
  });
});

unix("100 MB of output pass in bounded memory", async () => {
  let bytes = 0;
  const ui = new RecordingUi();
  ui.output = (_stream, line) => {
    bytes += line.length + 1;
  };
  const before = process.memoryUsage().rss;
  const script = "head -c 100000000 /dev/zero | tr '\\0' 'x' | fold -w 99";
  const { result } = start(script, { ui });
  assert.is(await result, 0);
  assert.ok(bytes >= 100_000_000);
  assert.ok(process.memoryUsage().rss - before < 200 * 1024 * 1024);
});

unix("a run that was cancelled before starts nothing", async () => {
  const folder = tmp();
  const controller = new AbortController();
  controller.abort();
  await rejects(start(`touch ${folder}/x`, { signal: controller.signal }).result, { code: "TPK6009" });
  assert.not.ok(existsSync(join(folder, "x")));
});

test.run();
