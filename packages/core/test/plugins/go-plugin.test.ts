// Whole runs with a plugin made with HashiCorp's current SDK (e2e/go-plugin), with both forms of specifications.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildGoPlugin, installPlugin, lab, runningFrom, tmp, within } from "../../../../test/support/src/index.ts";
import type { RunOptions } from "../../src/engine/run-options.ts";
import { runProgram } from "../../src/engine/run-program.ts";
import type { PluginCatalogOptions } from "../../src/plugins/catalog.ts";
import type { Program } from "../../src/program/program.ts";
import { build, buildValue, dataValue, postProcess, program, provision, source } from "../engine/programs.ts";
import { type FinishedRun, ofKind, runToEnd } from "../engine/run.ts";
import { catalogIn } from "./go-components.ts";

const goTest = lab(test, "go");
const required = "yes";

interface Options extends RunOptions {
  readonly plugins?: Partial<PluginCatalogOptions>;
}

/** Runs a program whose plugins are the probe alone. */
async function runWithProbe(made: Program, { plugins, ...options }: Options = {}): Promise<FinishedRun> {
  const folder = tmp("plugins");
  installPlugin(folder, buildGoPlugin());
  const catalog = catalogIn(folder, plugins);
  try {
    return await within(60_000, () => runToEnd(made, { catalog, environment: process.env, ...options }));
  } finally {
    await catalog.close();
  }
}

const everything = {
  required,
  text: "<&> é",
  count: 7,
  ratio: 0.1,
  enabled: true,
  items: ["a", "b"],
  tags: { x: "1", y: "2" },
  pause: "1m30s",
  disk: [{ size: 3, name: "one" }, { name: "two" }],
};
const described = "text=<&> é count=7 ratio=0.1 enabled=true items=a+b tags=x=1+y=2 pause=1m30s disks=one:3+two:0";

for (const form of ["protobuf", "gob", "plain"] as const) {
  const configStyle = form === "plain" ? "plain" : "typed";
  const plugins = form === "gob" ? { forceGob: true } : {};

  goTest(`every kind of option, value and message arrives (${form})`, async () => {
    const target = tmp("machine");
    const one = source("one", {
      type: "probe-machine",
      config: { ...everything, target },
      provisioners: [
        provision("probe-act", everything),
        // The component that is called like its plugin, with values of the running build.
        provision("probe", { required, behave: "command", text: buildValue("Greeting") }),
      ],
      postProcessors: [
        [
          postProcess("probe-pack", { required, text: "second" }, { keep_input_artifact: true }),
          postProcess("probe-pack", { required, behave: "same" }),
        ],
      ],
    });
    const variables = [{ name: "token", value: "t", sensitive: true }];
    const { result, lines, events } = await runWithProbe(program([build(undefined, one)], { configStyle, variables }), {
      plugins,
      force: true,
    });
    assert.is(result.exitCode, 0, lines.join("\n"));
    const said = ofKind(events, "say").map(({ text }) => text);
    const shown = [...said, ...ofKind(events, "output").map(({ text }) => text)];
    assert.is(shown.filter((text) => text === described).length, 2, shown.join("\n"));
    // Only plain options come to a builder with the names of sensitive variables.
    const about = shown.filter((text) => text.startsWith("name="));
    const common = "name=one type=probe-machine debug=false force=true on_error=cleanup sensitive=";
    assert.equal(about, [`${common}${form === "plain" ? "token" : ""}`, `${common}token`]);
    assert.ok(said.includes("values i-1 hello <&> é"));
    assert.ok(
      said.some((text) => /^data .*\bGreeting .*\bID .*\bPackerRunUUID/.test(text)),
      said.join("\n"),
    );
    assert.ok(ofKind(events, "machine").some(({ type, data }) => type === "probe" && data.join("|") === "a,b|c"));
    // "hello" is no command of the machine's shell.
    assert.ok(said.includes("exit 127") || said.includes("exit 2"));
    assert.ok(said.includes("input tspack.go-probe i-1 probe i-1 "));
    assert.ok(said.includes("greeting hello <&> é"));
    assert.ok(said.includes("input tspack.go-probe second probe second "));
    assert.equal(
      result.builds[0]?.artifacts.map(({ id, builderId, description }) => [id, builderId, description]),
      [
        ["i-1", "tspack.go-probe", "probe i-1"],
        ["second", "tspack.go-probe", "probe second"],
        ["second", "tspack.go-probe", "probe second"],
      ],
    );
    const logged = ofKind(events, "log").find(({ text }) => text.startsWith("builder runs with"));
    assert.is(logged?.level, "debug");
    assert.is(logged?.text, `builder runs with ${result.id}`);
    assert.match(logged?.source ?? "", /^packer-plugin-probe_v1\.0\.0_x5\.0_.* plugin$/);
  });

  goTest(`a data source answers in all types (${form})`, async () => {
    const config = { ...everything };
    const items = dataValue("probe-fetch", "values", "items");
    const ratio = dataValue("probe-fetch", "values", "ratio");
    const one = source("one", {
      type: "null",
      config: { communicator: "none" },
      provisioners: [provision("probe-act", { required, items, ratio, text: dataValue("probe-fetch", "values", "text") })],
    });
    const made = program([build(undefined, one)], { configStyle, datasources: [{ type: "probe-fetch", name: "values", config }] });
    const { result, lines, events } = await runWithProbe(made, { plugins });
    assert.is(result.exitCode, 0, lines.join("\n"));
    assert.ok(ofKind(events, "say").some(({ text }) => text.startsWith("text=<&> é count=0 ratio=0.1 enabled=false items=a+b ")));
  });

  goTest(`files, folders, input and output go through the relay from plugin to plugin (${form})`, async () => {
    const target = tmp("machine");
    const here = join(tmp("here"), "files");
    mkdirSync(here);
    const one = source("one", {
      type: "probe-machine",
      config: { required, target },
      provisioners: [provision("probe-act", { required, behave: "transfer", count: 3_000_000 - (3_000_000 % 16), source: here })],
    });
    const { result, lines, events } = await runWithProbe(program([build(undefined, one)], { configStyle }), { plugins });
    assert.is(result.exitCode, 0, lines.join("\n"));
    assert.is(readFileSync(join(target, "content")).length, 3_000_000);
    const progress = ofKind(events, "progress").at(-1);
    assert.is(progress?.doneBytes, 3_000_000);
    assert.is(progress?.totalBytes, 3_000_000);
    assert.ok(progress?.finished);
  });
}

goTest("what is wrong is told at the option, everything at once, and nothing starts", async () => {
  const one = source("one", {
    type: "probe-machine",
    config: { txt: "x", count: "many", disk: { sise: 1 } },
    provisioners: [provision("probe-act", { required, behave: "refuse", text: "bad" })],
  });
  const { result } = await runWithProbe(program([build(undefined, one)]));
  assert.equal(
    result.diagnostics.map(({ code, path, hint }) => [code, path, hint]),
    [
      ["TPK3102", ["txt"], 'Did you mean "text"?'],
      ["TPK3103", ["count"], undefined],
      ["TPK3102", ["disk", 0, "sise"], 'Did you mean "size"?'],
      ["TPK3104", ["required"], undefined],
      ["TPK3105", ["text"], undefined],
    ],
  );
  assert.match(result.diagnostics.at(-1)?.detail ?? "", /^`text` is not acceptable: "bad"\.$/);
});

goTest("warnings are shown and do not keep the build from running", async () => {
  const one = source("one", { type: "probe-machine", config: { required, behave: "warn", target: tmp("machine") } });
  const { result } = await runWithProbe(program([build(undefined, one)]));
  assert.is(result.exitCode, 0);
  assert.equal(
    result.diagnostics.map(({ code, severity, path }) => [code, severity, path]),
    [["TPK3110", "warning", ["text"]]],
  );
});

const failures = [
  {
    name: "builder",
    code: "TPK6001",
    make: (behave: string) => source("bad", { type: "probe-machine", config: { required, behave, target: tmp("m") } }),
  },
  {
    name: "provisioner",
    code: "TPK6002",
    make: (behave: string) =>
      source("bad", { type: "null", config: { communicator: "none" }, provisioners: [provision("probe-act", { required, behave })] }),
  },
  {
    name: "post-processor",
    code: "TPK6003",
    make: (behave: string) =>
      source("bad", {
        type: "probe-machine",
        config: { required, target: tmp("m") },
        postProcessors: [[postProcess("probe-pack", { required, behave })]],
      }),
  },
];

for (const { name, make } of failures) {
  goTest(`a ${name} that fails, fails its build in its own words; one that crashes is named with its last words`, async () => {
    const good = source("good", { type: "probe-machine", config: { required, target: tmp("m") } });
    const failed = await runWithProbe(program([build(undefined, make("fail"), good)]));
    const [bad, other] = failed.result.builds;
    assert.match(bad?.errors.join() ?? "", /did not (start|work)$/);
    assert.is(other?.outcome, "succeeded");
    const crashed = await runWithProbe(program([build(undefined, make("crash"), good)], { secrets: ["hunter2"] }));
    const [lost, spared] = crashed.result.builds;
    const text = lost?.errors.join() ?? "";
    assert.match(
      text,
      new RegExp(`the plugin packer-plugin-probe_\\S+ \\(${name} "probe-\\w+"\\) was lost while it \\w+.*: it ended with exit code [23]`),
    );
    assert.match(text, /The last lines of its log:[\s\S]*(something broke|panic: |broke)/);
    assert.not.match(text, /hunter2/);
    // Once, also where it went through a builder in Go, and with the log in one place.
    const told = crashed.events.flatMap((event) => (event.kind === "diagnostic" ? [event.diagnostic.detail ?? ""] : []));
    assert.is(told.filter((detail) => detail.includes("The last lines of its log:")).length, 1, told.join("\n\n"));
    assert.is(spared?.outcome, "succeeded");
  });
}

goTest("a data source that fails fails what waits for it", async () => {
  const one = source("one", {
    type: "null",
    config: { communicator: "none" },
    provisioners: [provision("probe-act", { required, text: dataValue("probe-fetch", "values", "text") })],
  });
  const datasources = [{ type: "probe-fetch", name: "values", config: { required, behave: "fail" } }];
  const { result } = await runWithProbe(program([build(undefined, one)], { datasources }));
  assert.is(result.exitCode, 1);
  assert.ok(result.diagnostics.length + result.builds.length > 0);
});

for (const { name, make } of failures) {
  goTest(`a ${name} is cancelled, and its process is gone`, async () => {
    const folder = tmp("plugins");
    installPlugin(folder, buildGoPlugin());
    const catalog = catalogIn(folder);
    const run = runProgram(program([build(undefined, make("hang"))]), { catalog, environment: process.env, runsDirectory: false });
    await within(30_000, async () => {
      for await (const event of run) if (event.kind === "say" && event.text === "hanging") run.cancel("a test");
    });
    const { outcome, builds } = await run.result;
    assert.is(outcome, "cancelled");
    assert.equal(builds[0]?.errors, []);
    assert.equal(runningFrom(folder), []);
    await catalog.close();
  });
}

goTest("a plugin that does not heed a cancellation is killed", async () => {
  const folder = tmp("plugins");
  installPlugin(folder, buildGoPlugin());
  const catalog = catalogIn(folder, { graceMs: 200 });
  const one = source("one", { type: "probe-machine", config: { required, behave: "stubborn", target: tmp("machine") } });
  const run = runProgram(program([build(undefined, one)]), { catalog, environment: process.env, runsDirectory: false });
  await within(30_000, async () => {
    for await (const event of run) if (event.kind === "say" && event.text === "hanging") run.cancel("a test");
  });
  assert.is((await run.result).outcome, "cancelled");
  assert.equal(runningFrom(folder), []);
});

goTest("a plugin that floods its output and its log does not stand still", async () => {
  const one = source("one", { type: "probe-machine", config: { required, behave: "garbage", target: tmp("machine") } });
  const { result, lines } = await runWithProbe(program([build(undefined, one)]));
  assert.is(result.exitCode, 0, lines.join("\n"));
});

goTest("options and answers are told once for each file, not once for each start", async () => {
  const folder = tmp("plugins");
  const cache = tmp("cache");
  installPlugin(folder, buildGoPlugin());
  const specs = async (): Promise<{ readonly options: unknown; readonly output: unknown; readonly started: number }> => {
    const logged: string[] = [];
    const environment = { ...process.env, PACKER_PLUGIN_PATH: folder, PACKER_CACHE_DIR: cache };
    const catalog = catalogIn(folder, { environment, log: (_level, _source, text) => logged.push(text) });
    const factory = await catalog.find("datasource", "probe-fetch");
    const found = { options: await factory?.configSpec(), output: await factory?.outputSpec?.() };
    await catalog.close();
    return { ...found, started: logged.filter((text) => text.startsWith("starting datasource")).length };
  };
  const first = await specs();
  assert.is(first.started, 1);
  assert.equal(await specs(), { ...first, started: 0 });
  assert.match(JSON.stringify(first.output), /"nothing"/);
});

goTest("a question of a plugin is asked and answered", async () => {
  const one = source("one", { type: "probe-machine", config: { required, behave: "ask", target: tmp("machine") } });
  const { result, events } = await runWithProbe(program([build(undefined, one)]), { answer: async () => "yes" });
  assert.is(result.exitCode, 0);
  assert.ok(ofKind(events, "say").some(({ text }) => text === "answered yes"));
});

goTest("an artifact that cannot be destroyed says so, and one that is nothing ends the chain", async () => {
  const file = join(tmp("files"), "made");
  writeFileSync(file, "x");
  const make = (behave: string) =>
    source("one", {
      type: "probe-machine",
      config: { required, behave, source: file, target: tmp("machine") },
      postProcessors: [[postProcess("probe-pack", { required, text: "second" })]],
    });
  const stays = await runWithProbe(program([build(undefined, make("indestructible"))]));
  assert.match(stays.result.builds[0]?.errors.join() ?? "", /it cannot be removed/);
  const goes = await runWithProbe(program([build(undefined, make(""))]));
  assert.is(goes.result.exitCode, 0);
  assert.throws(() => readFileSync(file));
  const nothing = await runWithProbe(
    program([build(undefined, source("one", { type: "probe-machine", config: { required, behave: "nothing" } }))]),
  );
  assert.is(nothing.result.exitCode, 0);
  assert.equal(nothing.result.builds[0]?.artifacts, []);
});

test.run();
