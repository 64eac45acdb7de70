// What tspack and plugins in TypeScript tell each other beyond Packer's protocol: logs with levels, secrets, diagnostics at options.
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { installPlugin, lab, tmp, within } from "../../../../../test/support/src/index.ts";
import type { Config, Program } from "../../../src/program/program.ts";
import { build, dataValue, program, provision, source } from "../../engine/programs.ts";
import { type FinishedRun, ofKind, runToEnd } from "../../engine/run.ts";
import { catalogIn } from "../../plugins/go-components.ts";
import { placePlugin, samplePlugin } from "./bundle.ts";

const unixTest = lab(test, "linux");

async function runWith(made: Program, folder: string): Promise<FinishedRun> {
  const catalog = catalogIn(folder);
  try {
    const options = { catalog, environment: process.env, workingDirectory: tmp("work"), runsDirectory: tmp("runs") };
    return await within(60_000, () => runToEnd(made, options));
  } finally {
    await catalog.close();
  }
}

async function installed(): Promise<string> {
  const folder = tmp("plugins");
  installPlugin(folder, await samplePlugin(), "1.2.3", { source: "github.com/tspack/sample" });
  return folder;
}

/** The sample plugin as single components, as before Packer 1.7: their handshake is another. */
async function single(): Promise<string> {
  const folder = tmp("plugins");
  await placePlugin(folder, "packer-builder-sample", "packer-provisioner-sample-mark", "packer-datasource-sample-lookup");
  return folder;
}

function machine(config: Config = {}): Config {
  const place = tmp("machine");
  return { folder: place, image: join(place, "image"), ...config };
}

for (const [name, prepare] of Object.entries({ "an installed plugin": installed, "single components": single })) {
  unixTest(`${name}: a log has its level, a file of the run its event, and a secret is hidden in all that the run shows`, async () => {
    const provisioners = [provision("sample-mark", { text: "x" }), provision("shell-local", { inline: ["echo hunter2hunter2 again"] })];
    const one = source("one", { type: "sample", config: machine(), provisioners });
    const { result, lines, events } = await runWith(program([build(undefined, one)]), await prepare());
    assert.is(result.exitCode, 0, lines.join("\n"));
    const logs = ofKind(events, "log").map(({ level, text }) => `${level} ${text}`);
    assert.ok(logs.includes("warn nearly out of ink: <sensitive>"), logs.join("\n"));
    assert.ok(logs.includes("info printed by the way: <sensitive>"), logs.join("\n"));
    assert.equal(
      ofKind(events, "file").map(({ type, path, component }) => [type, path, component?.type]),
      [["note", join(result.runDirectory ?? "", "note"), "sample-mark"]],
    );
    assert.not.match(lines.join("\n"), /note/, "it is not printed");
    // Printed by another component, which knows nothing of it.
    assert.ok(ofKind(events, "output").some(({ text }) => text === "<sensitive> again"));
    assert.not.match(JSON.stringify(events), /hunter2hunter2|tspack:/);
  });

  unixTest(`${name}: what a data source wants hidden is hidden`, async () => {
    const datasources = [{ name: "it", type: "sample-lookup", config: { key: "password" } }];
    const provisioners = [provision("sample-mark", { text: dataValue("sample-lookup", "it", "value") })];
    const one = source("one", { type: "sample", config: machine(), provisioners });
    const { result, lines, events } = await runWith(program([build(undefined, one)], { datasources }), await prepare());
    assert.is(result.exitCode, 0, lines.join("\n"));
    assert.ok(
      lines.some((line) => line.includes("the machine says 3: <sensitive>")),
      lines.join("\n"),
    );
    assert.not.match(JSON.stringify(events), /<password>/);
  });

  unixTest(`${name}: what it finds wrong stands at the option, with its own code and words`, async () => {
    const sources = [99, 9].map((count) => source(`c${count}`, { type: "sample", config: machine({ count }) }));
    const { result } = await runWith(program([build(undefined, ...sources)]), await prepare());
    const found = result.diagnostics
      .filter(({ code }) => code !== "TPK4006")
      .map(({ severity, code, summary, path }) => [severity, code, summary, path?.at(-1)]);
    assert.equal(found, [
      ["error", "TPK3105", "Invalid argument value", "count"],
      ["warning", "TPK3110", "Warning", "count"],
    ]);
    // Of a file that both use it is said at the first one, whichever has been prepared first.
    const unverified = result.diagnostics.filter(({ code }) => code === "TPK4006").map(({ where }) => where);
    assert.equal(unverified, prepare === single ? ['in source("sample", "c99")'] : []);
    const bad = source("bad", {
      type: "sample",
      config: machine(),
      provisioners: [provision("sample-mark", { text: "x", behave: "oddly" })],
    });
    const wrong = await runWith(program([build(undefined, bad)]), await prepare());
    const error = wrong.result.diagnostics.find(({ severity }) => severity === "error");
    assert.is(error?.path?.at(-1), "behave", JSON.stringify(error));
    assert.match(error?.detail ?? "", /"well"/);
  });
}

test.run();
