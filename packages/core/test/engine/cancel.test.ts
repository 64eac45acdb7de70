import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { lab, tmp, within } from "../../../../test/support/src/index.ts";
import { runProgram } from "../../src/engine/run-program.ts";
import { BuildError, CancelledError, type RunEvent } from "../../src/index.ts";
import { runLocal } from "../../src/sdk/local-command.ts";
import { build, components, postProcess, program, provision, source } from "./programs.ts";
import { runToEnd } from "./run.ts";

/** Waits until aborted, as a builder's step does. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(new CancelledError());
    signal.addEventListener("abort", () => reject(new CancelledError()), { once: true });
  });
}

test("cancelling cleans up, starts nothing more, skips post-processors and exits 1", async () => {
  const abort = new AbortController();
  const { catalog, log } = components({
    machineRun: (signal) => {
      setImmediate(() => abort.abort("interrupt"));
      return untilAborted(signal);
    },
  });
  const one = source("one", { postProcessors: [[postProcess("pack")]], errorCleanup: provision("act", { text: "cleanup" }) });
  const { result, lines } = await within(20_000, () =>
    runToEnd(program([build(undefined, one, source("two"))]), { catalog, signal: abort.signal, parallelBuilds: 1 }),
  );
  assert.is(result.outcome, "cancelled");
  assert.is(result.exitCode, 1);
  assert.equal(
    result.builds.map(({ name, outcome, errors }) => ({ name, outcome, errors })),
    [
      { name: "machine.one", outcome: "cancelled", errors: [] },
      { name: "machine.two", outcome: "cancelled", errors: [] },
    ],
  );
  // Not the error-cleanup provisioner either: a pure interrupt is no error (row LIF-04).
  assert.equal(log, ["machine one", "machine one cleaned up"]);
  assert.equal(lines, [
    "==> machine.one: starting",
    "Cancelling build after receiving interrupt",
    "Build 'machine.one' was cancelled after N",
    "",
    "==> Wait completed after N",
    "Cleanly cancelled builds after being interrupted.",
  ]);
});

test("a builder that finishes although it was cancelled has no post-processing", async () => {
  const abort = new AbortController();
  const { catalog, log } = components({
    machineRun: async () => abort.abort(),
  });
  const { result } = await runToEnd(program([build(undefined, source("one", { postProcessors: [[postProcess("pack")]] }))]), {
    catalog,
    signal: abort.signal,
  });
  assert.is(result.outcome, "cancelled");
  assert.not.ok(log.some((line) => line.startsWith("pack")));
});

test("what went wrong in the clean-up after a cancellation is reported", async () => {
  const abort = new AbortController();
  const { catalog } = components({
    machineRun: async () => {
      abort.abort();
      throw new CancelledError("cancelled, but the clean-up failed", {
        cause: new AggregateError([new BuildError("the disk is still mounted")], ""),
      });
    },
  });
  const { result } = await runToEnd(program([build(undefined, source("one"))]), { catalog, signal: abort.signal });
  assert.equal(result.builds[0]?.errors, ["cancelled, but the clean-up failed: the disk is still mounted"]);
});

test("cancelled half-way through post-processing, nothing more is removed", async () => {
  const abort = new AbortController();
  const destroyed: string[] = [];
  const { catalog, log } = components({
    machineArtifact: (name) => ({ ...artifactOf(name), destroy: async () => void destroyed.push(name) }),
    postProcess: async ({ signal }) => {
      setImmediate(() => abort.abort());
      return untilAborted(signal);
    },
  });
  const chains = [[postProcess("pack")], [postProcess("pack", { text: "second" })]];
  const { result } = await within(20_000, () =>
    runToEnd(program([build(undefined, source("one", { postProcessors: chains }))]), { catalog, signal: abort.signal }),
  );
  assert.is(result.outcome, "cancelled");
  assert.equal(destroyed, []);
  assert.is(log.filter((line) => line.startsWith("pack")).length, 1);
});

function artifactOf(id: string) {
  return { builderId: "test", id, files: [], description: id, state: async () => undefined };
}

test("a run that was cancelled before it began starts nothing", async () => {
  const { catalog, log } = components();
  const { result } = await runToEnd(program([build(undefined, source("one"))]), { catalog, signal: AbortSignal.abort("interrupt") });
  assert.is(result.outcome, "cancelled");
  assert.equal(log, []);
});

test("cancel() does what the signal does, once", async () => {
  const { catalog } = components({ machineRun: untilAborted });
  const events: RunEvent[] = [];
  const run = runProgram(program([build(undefined, source("one"))]), {
    catalog,
    runsDirectory: false,
    onEvent: (event) => {
      events.push(event);
      if (event.kind === "say") {
        run.cancel("a click");
        run.cancel("another click");
      }
    },
  });
  assert.is((await within(20_000, () => run.result)).outcome, "cancelled");
  run.cancel("too late");
  assert.equal(
    events.filter((event) => event.kind === "cancelling").map((event) => event.kind === "cancelling" && event.reason),
    ["a click"],
  );
});

lab(test, "linux")("after cancelling, a child process is gone and so are the temporary files", async () => {
  const abort = new AbortController();
  const parent = tmp("temporary");
  let pid = 0;
  const { catalog } = components({
    provision: async ({ ui, signal }) => {
      const watching = {
        ...ui,
        log: () => {},
        output: (_: string, line: string) => {
          pid = Number(line);
          abort.abort("interrupt");
        },
      };
      const exitCode = await runLocal(["/bin/sh", "-c", "echo $$; sleep 60 & wait"], {
        env: process.env,
        cwd: "/",
        ui: { ...ui, ...watching },
        signal,
      });
      throw new BuildError(`ended with ${exitCode}`);
    },
  });
  const { result } = await within(20_000, () =>
    runToEnd(
      program([build(undefined, source("one", { provisioners: [provision("act", {}, { max_retries: 3, continue_on_error: true })] }))]),
      {
        catalog,
        signal: abort.signal,
        environment: { TMPDIR: parent },
      },
    ),
  );
  assert.is(result.outcome, "cancelled");
  assert.ok(pid > 1);
  // What was killed is gone when the system comes to it.
  await within(20_000, async () => {
    while (livingInGroup(pid).length > 0) await new Promise(setImmediate);
  });
  assert.equal(readdirSync(parent), []);
});

lab(test, "mounts")("temporary files that cannot be removed are told, and cost neither the result nor the end of the events", async () => {
  const parent = tmp("temporary");
  let mounted = "";
  const { catalog } = components({
    provision: () => {
      mounted = join(parent, ...readdirSync(parent), "mounted");
      mkdirSync(mounted);
      execFileSync("mount", ["-t", "tmpfs", "tmpfs", mounted]);
    },
  });
  try {
    const run = runProgram(program([build(undefined, source("one", { provisioners: [provision("act", {})] }))]), {
      catalog,
      runsDirectory: false,
      environment: { TMPDIR: parent },
    });
    const errors: string[] = [];
    await within(20_000, async () => {
      for await (const event of run) if (event.kind === "error") errors.push(event.text);
    });
    assert.is((await run.result).outcome, "succeeded");
    assert.is(errors.length, 1);
    assert.match(errors[0] ?? "", /^temporary files are left in .*EBUSY/);
  } finally {
    execFileSync("umount", [mounted]);
  }
});

/** Processes of a process group that are more than an entry waiting to be collected. */
function livingInGroup(group: number): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      // After the name in parentheses: state, parent, process group.
      const [state, , processGroup] = readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
      return Number(processGroup) === group && state !== "Z";
    } catch {
      return false;
    }
  });
}

test("questions fail where nobody answers, come one at a time, and fail after cancelling", async () => {
  const abort = new AbortController();
  const outcomes: string[] = [];
  const asked: string[] = [];
  let open = 0;
  const { catalog } = components({
    provision: async ({ ui, signal, config }) => {
      if (config.text === "late") abort.abort();
      await ui.ask(`question ${config.text}`, { signal }).then(
        (answer) => outcomes.push(`${config.text}: ${answer}`),
        (error: Error & { code?: string }) => outcomes.push(`${config.text}: ${error.code}`),
      );
    },
  });
  const sources = ["a", "b"].map((text) => source(text, { provisioners: [provision("act", { text })] }));
  await runToEnd(program([build(undefined, ...sources)]), { catalog });
  assert.equal(outcomes.sort(), ["a: TPK6010", "b: TPK6010"]);
  outcomes.length = 0;
  await runToEnd(program([build(undefined, ...sources, source("z", { provisioners: [provision("act", { text: "late" })] }))]), {
    catalog,
    parallelBuilds: 3,
    signal: abort.signal,
    answer: async ({ text }) => {
      asked.push(text);
      assert.is(++open, 1);
      await new Promise((resolve) => setImmediate(resolve));
      open--;
      return "yes";
    },
  });
  assert.ok(outcomes.includes("late: TPK6009"));
});

test.run();
