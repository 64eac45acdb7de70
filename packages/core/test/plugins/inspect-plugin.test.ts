// What `tspack plugin inspect` finds out: of plugins that work, and of broken ones.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildGoPlugin, lab, rejects, runningFrom, tmp, within, writeScript } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { inspectPlugin, type PluginInspection } from "../../src/plugins/inspect-plugin.ts";
import { samplePlugin } from "../sdk/plugin/bundle.ts";
import { packerScripts } from "./go-components.ts";

const unixTest = lab(test, "linux");

function inspect(word: string, timeoutMs = 20_000): Promise<PluginInspection> {
  const { PACKER_PLUGIN_MAGIC_COOKIE: _, ...environment } = process.env;
  const signal = new AbortController().signal;
  return within(60_000, () => inspectPlugin(word, { environment, workingDirectory: process.cwd(), signal, timeoutMs }));
}

function problemsOf({ problems }: PluginInspection): string {
  return problems.map(({ text, hint = "" }) => `${text} ${hint}`).join("\n");
}

unixTest("a plugin in TypeScript: every component with its options, their types and descriptions", async () => {
  const found = await inspect(await samplePlugin());
  assert.is(problemsOf(found), "");
  assert.is(found.name, "sample");
  assert.is(found.description?.version, "1.2.3");
  assert.equal(
    found.components.map(({ kind, type, network }) => [kind, type, network]),
    [
      ["builder", "sample", "unix"],
      ["provisioner", "sample-mark", "unix"],
      ["post-processor", "sample-stamp", "unix"],
      ["datasource", "sample-lookup", "unix"],
    ],
  );
  const [builder, , , lookup] = found.components;
  assert.match(builder?.description ?? "", /Makes a folder/);
  const { folder, tags } = builder?.options?.options ?? {};
  assert.equal([folder?.required, folder?.type, folder?.description], [true, { kind: "string" }, "The machine."]);
  assert.equal(tags?.type, { kind: "map", element: { kind: "string" } });
  assert.equal(Object.keys(lookup?.output?.options ?? {}), ["value", "length"]);
});

lab(
  test,
  "go",
  "linux",
)("a plugin in Go, whose nested blocks are told", async () => {
  const found = await inspect(buildGoPlugin());
  assert.is(problemsOf(found), "");
  assert.is(found.name, "probe");
  const machine = found.components.find(({ type }) => type === "probe-machine");
  assert.is(machine?.network, "unix");
  const disk = machine?.options?.options.disk?.type;
  assert.is(disk?.kind, "block-list");
  assert.ok(disk?.kind === "block-list" && "size" in disk.spec.options);
  assert.ok(found.components.some(({ kind, output }) => kind === "datasource" && output !== undefined));
});

lab(
  test,
  "packer",
  "linux",
)("a component of Packer 1.6, which describes nothing", async () => {
  const found = await inspect(join(packerScripts("packer-builder-file"), "packer-builder-file"));
  assert.is(problemsOf(found), "");
  assert.is(found.description, undefined);
  assert.equal(
    found.components.map(({ kind, type }) => `${kind} ${type}`),
    ["builder file"],
  );
  assert.ok("target" in (found.components[0]?.options?.options ?? {}));
});

const describe =
  '{"version":"1.0.0","sdk_version":"","api_version":"x5.0","builders":[],"post_processors":[],"provisioners":["one"],"datasources":[]}';
const byHand = '[ -n "$PACKER_PLUGIN_MAGIC_COOKIE" ] || exit 1';
const starts = (script: string, described = describe) => `[ "$1" = describe ] && { echo '${described}'; exit 0; }\n${script}`;

const broken: { readonly [what: string]: { readonly script: string; readonly problem: RegExp; readonly timeoutMs?: number } } = {
  "does not know describe": {
    script: "echo no such command >&2; exit 2",
    problem: /could not be asked.*exit code 2[\s\S]*no such command/,
  },
  "prints no JSON": { script: "echo hello", problem: /does not describe itself/ },
  "never describes itself": { script: "sleep 600", problem: /did not answer within 0\.5 s/, timeoutMs: 500 },
  "has another version of the protocol": {
    script: starts(`${byHand}; exit 1`, describe.replace("x5.0", "x6.0")),
    problem: /version "x6\.0" of the protocol/,
  },
  "has a version that Packer does not take": {
    script: starts(`${byHand}; exit 1`, describe.replace("1.0.0", "v1")),
    problem: /version is "v1"/,
  },
  "has nothing": { script: starts("exit 1", describe.replace('["one"]', "[]")), problem: /no components/ },
  "serves without the cookie": { script: starts("echo '5|0|unix|/nowhere'; exit 1"), problem: /without a host, it serves/ },
  "does nothing by hand and calls that success": { script: starts("exit 0"), problem: /ends with exit code 0/ },
  "hangs by hand": {
    script: starts('[ -n "$PACKER_PLUGIN_MAGIC_COOKIE" ] || sleep 600; exit 1'),
    problem: /does not end within 2 s/,
    timeoutMs: 2_000,
  },
  "dies at once": {
    script: starts(`${byHand}; echo 'panic: oh no' >&2; exit 3`),
    problem: /The provisioner "broken-one" could not be started[\s\S]*exit code 3[\s\S]*panic: oh no/,
  },
  "says where in another way": {
    script: starts(`${byHand}; echo 'listening on 8080'; sleep 600`),
    problem: /it said "listening on 8080" where its address belongs/,
  },
  "is of another protocol": { script: starts(`${byHand}; echo '6|0|unix|/nowhere'; sleep 600`), problem: /version 6 of the protocol/ },
  "listens nowhere": { script: starts(`${byHand}; echo '5|0|unix|/nowhere'; sleep 600`), problem: /socket cannot be connected to/ },
  "never says where": { script: starts(`${byHand}; sleep 600`), problem: /did not say where it listens within 2 s/, timeoutMs: 2_000 },
};

for (const [what, { script, problem, timeoutMs }] of Object.entries(broken)) {
  unixTest(`a plugin that ${what} is told so, and nothing of it is left running`, async () => {
    const folder = tmp("broken");
    const file = join(folder, "packer-plugin-broken");
    writeScript(file, script);
    const found = await inspect(file, timeoutMs);
    assert.match(problemsOf(found), problem);
    // What was killed is gone when the system comes to it.
    await within(20_000, async () => {
      while (runningFrom(folder).length > 0) await new Promise(setImmediate);
    });
  });
}

unixTest("a file that is not executable, and one that is not there", async () => {
  const file = join(tmp("broken"), "packer-plugin-x");
  await rejects(inspect(file), { code: "TPK4001", message: /does not exist/ });
  writeFileSync(file, "#!/bin/sh\n");
  assert.match(problemsOf(await inspect(file)), /not executable.*chmod \+x packer-plugin-x/);
  // The file's name does not have to say anything.
  const odd = join(tmp("broken"), "thing");
  writeFileSync(odd, "#!/bin/sh\nexit 1\n");
  chmodSync(odd, 0o755);
  assert.is((await inspect(odd)).name, "thing");
});

test.run();
