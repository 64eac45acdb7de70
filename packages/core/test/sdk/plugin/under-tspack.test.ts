// The same plugin under tspack: installed as Packer installs plugins, and in a folder.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  installPlugin,
  lab,
  packerVariables,
  RecordingUi,
  rejects,
  runInfo,
  runningFrom,
  tmp,
  within,
} from "../../../../../test/support/src/index.ts";
import { asBuilder } from "../../../src/components/lookup.ts";
import type { PluginCatalogOptions } from "../../../src/plugins/catalog.ts";
import type { Program } from "../../../src/program/program.ts";
import { build, buildValue, dataValue, postProcess, program, provision, source } from "../../engine/programs.ts";
import { type FinishedRun, ofKind, runToEnd } from "../../engine/run.ts";
import { catalogIn } from "../../plugins/go-components.ts";
import { placePlugin, samplePlugin } from "./bundle.ts";

const unixTest = lab(test, "linux");

interface RunWith extends Partial<PluginCatalogOptions> {
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly onSay?: (text: string) => void;
}

async function runWith(made: Program, { folder, signal, onSay, ...changes }: RunWith): Promise<FinishedRun> {
  const catalog = catalogIn(folder, changes);
  const onEvent = onSay === undefined ? undefined : (event: { kind: string; text?: unknown }) => onSay(String(event.text));
  try {
    return await within(60_000, () =>
      runToEnd(made, {
        catalog,
        environment: process.env,
        workingDirectory: tmp("work"),
        ...(signal === undefined ? {} : { signal }),
        ...(onEvent === undefined ? {} : { onEvent }),
      }),
    );
  } finally {
    await catalog.close();
  }
}

async function installed(): Promise<string> {
  const folder = tmp("plugins");
  installPlugin(folder, await samplePlugin(), "1.2.3", { source: "github.com/tspack/sample" });
  return folder;
}

for (const form of ["protobuf", "gob", "plain"] as const) {
  unixTest(`every component of an installed plugin in TypeScript works (${form})`, async () => {
    const folder = await installed();
    const place = tmp("machine");
    const stamp = join(place, "stamp.json");
    const config = { folder: place, image: join(place, "image"), count: 3, enabled: true, tags: { a: "b" }, sizes: [5, 6] };
    const one = source("one", {
      type: "sample",
      config,
      provisioners: [provision("sample-mark", { text: buildValue("Where") })],
      postProcessors: [[postProcess("sample-stamp", { output: stamp, note: buildValue("ID") }), postProcess("sample-stamp", {})]],
    });
    const made = program([build(undefined, one)], { configStyle: form === "plain" ? "plain" : "typed" });
    const { result, lines, events } = await runWith(made, { folder, forceGob: form === "gob" });
    assert.is(result.exitCode, 0, lines.join("\n"));
    const said = ofKind(events, "say").map(({ text }) => text);
    assert.ok(said.includes('count=3 enabled=true tags={"a":"b"} sizes=5,6'), said.join("\n"));
    assert.ok(said.includes(`the machine says 3: ${place}`));
    assert.ok(said.includes("the password is <sensitive>"));
    assert.ok(said.includes("stamping tspack.sample i-7 somewhere"));
    assert.ok(said.includes("stamping tspack.stamp stamp nowhere"));
    const logged = ofKind(events, "log").map(({ text }) => text);
    assert.ok(logged.includes("this belongs to the log"));
    assert.is(logged.filter((text) => text === "looking at the options").length, 1, "prepared once");
    assert.equal(JSON.parse(readFileSync(stamp, "utf8")), { files: [config.image], note: "i-7" });
    assert.equal(
      result.diagnostics.filter(({ severity }) => severity === "error"),
      [],
    );
    assert.equal(runningFrom(folder), []);
  });
}

for (const forceGob of [false, true]) {
  unixTest(`a data source answers, with blocks among its options (${forceGob ? "gob" : "protobuf"})`, async () => {
    const folder = await installed();
    const text = dataValue("sample-lookup", "it", "value");
    const place = tmp("machine");
    const one = source("one", {
      type: "sample",
      config: { folder: place, image: join(place, "image") },
      provisioners: [provision("sample-mark", { text })],
    });
    const datasources = [{ name: "it", type: "sample-lookup", config: { key: "a", also: [{ key: "b" }, { key: "c" }] } }];
    const { result, lines, events } = await runWith(program([build(undefined, one)], { datasources }), { folder, forceGob });
    assert.is(result.exitCode, 0, lines.join("\n"));
    assert.is(readFileSync(join(place, "image"), "utf8"), "<a+b+c>");
    assert.ok(ofKind(events, "log").some(({ text: logged }) => logged === "looking it up"));
  });
}

unixTest("a process that had something against a placeholder is asked again before it runs", async () => {
  const catalog = catalogIn(await installed());
  const { signal } = new AbortController();
  const common = { packer: packerVariables(), run: runInfo(), signal };
  const ui = new RecordingUi();
  try {
    const factory = await catalog.find("builder", "sample");
    assert.ok(factory);
    const builder = asBuilder(await factory.create());
    const place = tmp("machine");
    const config = { folder: place, image: join(place, "image"), count: 10 };
    assert.equal((await builder.prepare({ ...common, config, unknown: [["count"]] })).diagnostics, []);
    await rejects(builder.run({ signal, ui, hook: { run: async () => undefined } }), { message: /"count" is too much/ });
  } finally {
    await catalog.close();
  }
});

unixTest("a cancelled run cancels a component, and leaves no process", async () => {
  const folder = await installed();
  const place = tmp("machine");
  const abort = new AbortController();
  const one = source("one", {
    type: "sample",
    config: { folder: place, image: join(place, "image") },
    provisioners: [provision("sample-mark", { text: "x", behave: "hang" })],
  });
  const onSay = (text: string): void => {
    if (text === "waiting for nothing") abort.abort();
  };
  const { result } = await runWith(program([build(undefined, one)]), { folder, signal: abort.signal, onSay });
  assert.is(result.builds[0]?.outcome, "cancelled");
  assert.equal(runningFrom(folder), []);
});

unixTest("unknown options are refused by the host, at the option", async () => {
  const bad = source("bad", { type: "sample", config: { folder: "x", imag: "y" } });
  const { result } = await runWith(program([build(undefined, bad)]), { folder: await installed() });
  const [first] = result.diagnostics.filter(({ path }) => path?.[0] === "imag");
  assert.is(first?.code, "TPK3102");
  assert.match(first?.hint ?? "", /image/);
});

unixTest("a plugin in a folder works without being installed, also from its TypeScript by a script of two lines", async () => {
  const folder = tmp("plugins");
  const file = new URL("./sample-plugin.ts", import.meta.url).pathname;
  const script = `#!/bin/sh\nexec ${process.execPath} --conditions=source --import ${import.meta.resolve("tsx")} ${file} "$@"\n`;
  writeFileSync(join(folder, "packer-plugin-sample"), script, { mode: 0o755 });
  const place = tmp("machine");
  const one = source("one", { type: "sample", config: { folder: place, image: join(place, "image") } });
  const { result, lines } = await runWith(program([build(undefined, one)]), { folder });
  assert.is(result.exitCode, 0, lines.join("\n"));
  assert.is(readFileSync(join(place, "image"), "utf8"), "no marker");
});

unixTest("what a plugin says when it is run by hand, or asked for something else", async () => {
  const folder = tmp("plugins");
  await placePlugin(folder, "packer-plugin-sample", "packer-builder-sample", "packer-builder-other");
  const cookie = { PACKER_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2" };
  const run = (name: string, words: readonly string[], env = {}) =>
    spawnSync(join(folder, name), words, { encoding: "utf8", env: { ...process.env, ...env } });

  const described = run("packer-plugin-sample", ["describe"]);
  assert.is(described.stderr, "");
  const { sdk_version: _, ...description } = JSON.parse(described.stdout);
  assert.equal(description, {
    version: "1.2.3",
    api_version: "x5.0",
    builders: ["-packer-default-plugin-name-"],
    post_processors: ["stamp"],
    provisioners: ["mark"],
    datasources: ["lookup"],
    protocol_version: "v2",
    tells_specs: true,
  });
  const refusals: readonly (readonly [string, readonly string[], object, RegExp])[] = [
    ["packer-plugin-sample", [], {}, /It is not run by hand[\s\S]*provisioner sample-mark +Leaves a mark/],
    ["packer-plugin-sample", ["start", "builder", "-packer-default-plugin-name-"], {}, /It is not run by hand/],
    ["packer-builder-sample", [], {}, /It is not run by hand/],
    ["packer-plugin-sample", ["go"], {}, /"go" is no command of a plugin/],
    ["packer-plugin-sample", ["start", "builder"], cookie, /start takes the kind of a component and its name/],
    ["packer-plugin-sample", ["start", "thing", "x"], cookie, /no kind of component called "thing"/],
    ["packer-plugin-sample", ["start", "provisioner", "--protobuf", "mask"], cookie, /has no provisioner called "mask"; it has "mark"/],
    ["packer-builder-other", [], cookie, /has no builder called "other"; it has "sample"/],
  ];
  for (const [name, words, env, message] of refusals) {
    const { status, stdout, stderr } = run(name, words, env);
    assert.is(status, 1, stderr);
    assert.is(stdout, "");
    assert.match(stderr, message);
  }
});

unixTest("a plugin whose host goes away without a word ends by itself, and leaves no socket", async () => {
  const folder = tmp("plugins");
  await placePlugin(folder, "packer-builder-sample");
  const temporary = tmp("t");
  const cookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
  const env = { ...process.env, TMPDIR: temporary, PACKER_PLUGIN_MAGIC_COOKIE: cookie };
  const child = spawn(join(folder, "packer-builder-sample"), [], { env, stdio: ["ignore", "pipe", "ignore"] });
  const [line]: unknown[] = await once(child.stdout.setEncoding("utf8"), "data");
  assert.match(String(line), /^5\|unix\|/);
  const socket = connect(String(line).trim().split("|")[2] ?? "");
  await once(socket, "connect");
  const ended = once(child, "exit");
  socket.destroy();
  await within(20_000, () => ended);
  assert.equal(readdirSync(temporary), []);
});

test.run();
