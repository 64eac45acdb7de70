import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { tmp } from "../../../../test/support/src/index.ts";
import { runProgram } from "../../src/engine/run-program.ts";
import { BuildError } from "../../src/index.ts";
import { CancelledError, defineBuilder, HOOK_PROVISION, type RunInfo } from "../../src/sdk/index.ts";
import { artifactValue, build, components, dataValue, postProcess, program, provision, source } from "./programs.ts";
import { ofKind, runToEnd } from "./run.ts";

test("a build prints what Packer prints", async () => {
  const { catalog } = components({ provision: ({ ui }) => ui.output("stdout", "hello") });
  const one = source("one", { provisioners: [provision("act")], postProcessors: [[postProcess("pack")]] });
  const { result, lines } = await runToEnd(program([build("web", one)]), { catalog });
  assert.is(result.exitCode, 0);
  assert.equal(lines, [
    "==> web.machine.one: starting",
    "==> web.machine.one: hello",
    "==> web.machine.one: Running post-processor: pack",
    "Build 'web.machine.one' finished after N.",
    "",
    "==> Wait completed after N",
    "",
    "==> Builds finished. The artifacts of successful builds are:",
    "--> web.machine.one: image one.packed",
  ]);
});

test("builds that fail do not stop the others, and the exit code is 1", async () => {
  const { catalog, log } = components({
    machineRun: async (_, name) => {
      if (name === "bad") throw new BuildError("the machine did not start");
    },
  });
  const { result, lines } = await runToEnd(program([build(undefined, source("bad"), source("good"))]), { catalog });
  assert.is(result.exitCode, 1);
  assert.equal(
    result.builds.map(({ name, outcome, errors }) => ({ name, outcome, errors })),
    [
      { name: "machine.bad", outcome: "failed", errors: ["the machine did not start"] },
      { name: "machine.good", outcome: "succeeded", errors: [] },
    ],
  );
  assert.ok(log.includes("machine good"));
  assert.equal(lines.slice(lines.indexOf("==> Wait completed after N")), [
    "==> Wait completed after N",
    "",
    "==> Some builds didn't complete successfully and had errors:",
    "--> machine.bad: the machine did not start",
    "",
    "==> Builds finished. The artifacts of successful builds are:",
    "--> machine.good: image good",
  ]);
});

test("a build whose configuration is wrong does not start, the others run", async () => {
  const { catalog, log } = components();
  const bad = source("bad", { config: { sise: 3 }, provisioners: [provision("act", { text: [] }), provision("nothing")] });
  const { result, lines } = await runToEnd(program([build(undefined, bad, source("good"))]), { catalog });
  assert.is(result.exitCode, 1);
  assert.equal(
    result.diagnostics.map(({ code, where }) => `${code} ${where}`),
    [
      'TPK3102 in source("machine", "bad")',
      'TPK3103 in provision("act") of build "machine.bad"',
      'TPK3101 in provision("nothing") of build "machine.bad"',
    ],
  );
  assert.is(result.builds[0]?.outcome, "failed");
  assert.not.ok(log.includes("machine bad"));
  assert.ok(log.includes("machine good"));
  assert.ok(lines.includes('An argument named "sise" is not expected here. Did you mean "size"?'));
});

test("an artifact of one build is a value in another, whose prepare runs again with it", async () => {
  const { catalog, log } = components();
  const { result, events } = await runToEnd(
    program([
      build("web", source("web", { config: { text: artifactValue("base.machine.debian", "files", 0) } })),
      build("base", source("debian")),
    ]),
    { catalog },
  );
  assert.is(result.exitCode, 0);
  assert.equal(
    log.filter((line) => !line.includes("cleaned")),
    ["machine debian", "machine web debian.img"],
  );
  const [started] = ofKind(events, "run-started");
  assert.equal(started?.builds, [
    { name: "web.machine.web", steps: ["machine"], waitsFor: ["base.machine.debian"] },
    { name: "base.machine.debian", steps: ["machine"], waitsFor: [] },
  ]);
});

test("children of a failed build are skipped, with the reason", async () => {
  const { catalog, log } = components({ machineRun: () => Promise.reject(new BuildError("no disk")) });
  const { result, lines } = await runToEnd(
    program([
      build("base", source("debian")),
      build("web", source("web", { config: { text: artifactValue("base.machine.debian", "id") } })),
      build("top", source("top", { config: { text: artifactValue("web.machine.web", "id") } })),
    ]),
    { catalog },
  );
  assert.equal(
    result.builds.map(({ outcome }) => outcome),
    ["failed", "skipped", "skipped"],
  );
  assert.equal(log, ["machine debian", "machine debian cleaned up"]);
  assert.ok(lines.includes("Build 'web.machine.web' was skipped: base.machine.debian, which it waits for, did not succeed"));
});

test("a data source runs once, before the builds that need it, and its answer is a value", async () => {
  const { catalog, log } = components();
  const text = dataValue("fetch", "x", "body");
  const { result } = await runToEnd(
    program([build(undefined, source("one", { config: { text } }), source("two", { provisioners: [provision("act", { text })] }))], {
      datasources: [
        { type: "fetch", name: "x", config: { text: "here" } },
        { type: "fetch", name: "unused", config: {} },
      ],
    }),
    { catalog, parallelBuilds: 1 },
  );
  assert.is(result.exitCode, 0);
  assert.equal(log, [
    "fetch here",
    "machine one body of here",
    "machine one cleaned up",
    "machine two",
    "act two body of here",
    "machine two cleaned up",
  ]);
});

test("builds that need a failed data source are skipped with its error", async () => {
  const { catalog, log } = components({ execute: () => Promise.reject(new Error("connection refused")) });
  const { result, lines } = await runToEnd(
    program([build(undefined, source("one", { config: { text: dataValue("fetch", "x", "body") } }), source("two"))], {
      datasources: [{ type: "fetch", name: "x", config: {} }],
    }),
    { catalog },
  );
  assert.equal(
    result.builds.map(({ outcome }) => outcome),
    ["skipped", "succeeded"],
  );
  assert.is(result.exitCode, 1);
  assert.not.ok(log.includes("machine one"));
  assert.match(lines.join("\n"), /Error: Data source failed \(TPK6004\)[\s\S]*in data\("fetch", "x"\)[\s\S]*Connection refused\./);
});

test("wrong configuration that shows only when the data is there fails the build, not the run", async () => {
  const { catalog } = components({ execute: async () => ({ body: "many" }) });
  const { result } = await runToEnd(
    program([build(undefined, source("one", { config: { size: dataValue("fetch", "x", "body") } }))], {
      datasources: [{ type: "fetch", name: "x", config: {} }],
    }),
    { catalog },
  );
  assert.equal(result.diagnostics, []);
  assert.match(result.builds[0]?.errors[0] ?? "", /The argument "size" takes a number, not text/);
});

test("components that throw anything at all fail their build with a clear error", async () => {
  for (const [thrown, expected] of [
    [new TypeError("x is not a function"), "x is not a function"],
    ["just text", "just text"],
    [undefined, "undefined"],
    [new Error("outer", { cause: new Error("inner") }), "outer: inner"],
  ] as const) {
    const { catalog } = components({
      provision: () => {
        throw thrown;
      },
    });
    const { result } = await runToEnd(program([build(undefined, source("one", { provisioners: [provision("act")] }))]), { catalog });
    assert.equal(result.builds[0]?.errors, [expected]);
  }
});

test("a component that throws while it is made or prepared is a diagnostic", async () => {
  const { catalog } = components();
  const broken = {
    find: async (kind: Parameters<typeof catalog.find>[0], type: string) => {
      const factory = await catalog.find(kind, type);
      return factory === undefined || kind !== "builder"
        ? factory
        : { ...factory, create: () => Promise.reject(new Error("no such plugin")) };
    },
    names: catalog.names,
  };
  const { result } = await runToEnd(program([build(undefined, source("one"))]), { catalog: broken });
  assert.match(result.diagnostics[0]?.detail ?? "", /no such plugin/);
  assert.is(result.exitCode, 1);
});

test("a builder without an artifact succeeds, and its post-processors do not run", async () => {
  const { catalog, log } = components({ machineArtifact: () => undefined });
  const { result, lines } = await runToEnd(program([build(undefined, source("one", { postProcessors: [[postProcess("pack")]] }))]), {
    catalog,
  });
  assert.is(result.exitCode, 0);
  assert.not.ok(log.some((line) => line.startsWith("pack")));
  assert.ok(lines.includes("==> Builds finished but no artifacts were created."));
});

test("with one build at a time, builds run in declaration order", async () => {
  const { catalog, log } = components();
  const sources = ["a", "b", "c"].map((name) => source(name));
  await runToEnd(program([build(undefined, ...sources)]), { catalog, parallelBuilds: 1 });
  assert.equal(
    log,
    ["a", "b", "c"].flatMap((name) => [`machine ${name}`, `machine ${name} cleaned up`]),
  );
});

test("never more builds at once than allowed", async () => {
  let running = 0;
  let most = 0;
  const { catalog } = components({
    machineRun: async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    },
  });
  const sources = Array.from({ length: 9 }, (_, index) => source(`s${index}`));
  await runToEnd(program([build(undefined, ...sources)]), { catalog, parallelBuilds: 3 });
  assert.is(most, 3);
});

test("events have gapless numbers, and late readers get all of them", async () => {
  const { catalog } = components();
  const run = runProgram(program([build(undefined, source("one"))]), { catalog, runsDirectory: false });
  await run.result;
  const sequence: number[] = [];
  const kinds: string[] = [];
  for await (const event of run) {
    sequence.push(event.sequence);
    kinds.push(event.kind);
  }
  assert.equal(
    sequence,
    sequence.map((_, index) => index + 1),
  );
  assert.equal(kinds, ["run-started", "build-started", "step-started", "say", "step-finished", "build-finished", "run-finished"]);
});

test("the temporary folder of a run exists while it runs and is gone at its end", async () => {
  const seen: RunInfo[] = [];
  const parent = tmp("temporary");
  const { catalog } = components({
    provision: ({ run }: { readonly run?: RunInfo } & object) => {
      if (run === undefined) throw new Error("no run info");
      assert.ok(existsSync(run.temporaryDirectory));
      seen.push(run);
    },
  });
  const { result } = await runToEnd(program([build(undefined, source("one", { provisioners: [provision("act")] }))]), {
    catalog,
    environment: { TMPDIR: parent, SOURCE_DATE_EPOCH: "1700000000" },
  });
  assert.is(result.exitCode, 0, result.builds[0]?.errors.join());
  assert.equal(readdirSync(parent), []);
  assert.is(seen[0]?.startedAtMs, 1_700_000_000_000);
  assert.is(seen[0]?.runUuid, result.id);
});

test("without a place for temporary files the run does not begin, and says why", () => {
  const { catalog } = components();
  assert.throws(
    () => runProgram(program([build(undefined, source("one"))]), { catalog, environment: { TMPDIR: "/nowhere" } }),
    (error: { code?: string; hint?: string }) => error.code === "TPK6011" && error.hint?.includes("TMPDIR"),
  );
});

test("nothing selected is an error that lists the builds", async () => {
  const { catalog } = components();
  const { result, lines } = await runToEnd(program([build("web", source("one"))]), { catalog, only: ["nix"] });
  assert.is(result.exitCode, 1);
  assert.equal(
    result.diagnostics.map(({ severity, code }) => `${severity} ${code}`),
    ["warning TPK3205", "error TPK3204"],
  );
  assert.ok(lines.some((line) => line.includes("The builds are: web.machine.one.")));
});

test("a selected child brings its parent along and says so", async () => {
  const { catalog, log } = components();
  const child = source("child", { config: { text: artifactValue("base.machine.parent", "id") } });
  const { result, lines } = await runToEnd(program([build("base", source("parent"), source("other")), build("web", child)]), {
    catalog,
    only: ["web.*"],
  });
  assert.is(result.exitCode, 0);
  assert.equal(
    log.filter((line) => !line.includes("cleaned")),
    ["machine parent", "machine child parent"],
  );
  assert.is(lines[0], "base.machine.parent is built too: a selected build needs its artifact.");
});

test("a run keeps its ledger, its events and a log per build, for its owner alone", async () => {
  const { catalog } = components({ provision: ({ ui }) => ui.output("stdout", "hello") });
  const runsDirectory = tmp("runs");
  const one = source("one", { provisioners: [provision("act")] });
  const { result } = await runToEnd(program([build("a/b", one)]), { catalog, runsDirectory });
  const folder = join(runsDirectory, result.id);
  assert.is(result.runDirectory, folder);
  const { readFileSync, statSync } = await import("node:fs");
  const ledger = JSON.parse(readFileSync(join(folder, "ledger.json"), "utf8")) as { outcome: string; builds: { name: string }[] };
  assert.is(ledger.outcome, "succeeded");
  assert.is(ledger.builds[0]?.name, "a/b.machine.one");
  const kinds = readFileSync(join(folder, "events.ndjson"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { kind: string }).kind);
  assert.is(kinds[0], "run-started");
  assert.is(kinds.at(-1), "run-finished");
  assert.match(readFileSync(join(folder, "logs", "a_b.machine.one.log"), "utf8"), /Z ==> a\/b\.machine\.one: hello\n/);
  for (const file of ["ledger.json", "events.ndjson", "logs/a_b.machine.one.log"])
    assert.is(statSync(join(folder, file)).mode & 0o777, 0o600);
});

test("a folder that cannot be made costs the log files, not the run", async () => {
  const { catalog } = components();
  const { result, events } = await runToEnd(program([build(undefined, source("one"))]), { catalog, runsDirectory: "/dev/null/runs" });
  assert.is(result.exitCode, 0);
  assert.is(result.runDirectory, undefined);
  assert.ok(ofKind(events, "log").some(({ text }) => text.includes("keeps no log files")));
});

test("a provisioner that its builder stops is not told as a failure of its own", async () => {
  const gone = new AbortController();
  const fragile = defineBuilder({
    type: "fragile",
    description: "Loses its machine.",
    options: () => z.object({}),
    async run({ hook, ui }) {
      await hook.run(HOOK_PROVISION, { ui, data: {}, signal: gone.signal }).catch(() => undefined);
      throw new BuildError("the guest powered off");
    },
  });
  const { catalog } = components({
    factories: [fragile],
    provision: ({ signal }) => {
      gone.abort();
      if (signal.aborted) throw new CancelledError();
    },
  });
  const { events } = await runToEnd(program([build("web", source("one", { type: "fragile", provisioners: [provision("act")] }))]), {
    catalog,
  });
  assert.equal(
    ofKind(events, "diagnostic").map(({ diagnostic }) => diagnostic.detail),
    ["The guest powered off."],
  );
});

test.run();
