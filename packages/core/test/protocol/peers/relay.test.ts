// Plugins of both languages in one build: the communicator of one is used by the other, by way of our host.
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { lab, makeSshKey, runningFrom, type Sshd, startSshd, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Config } from "../../../src/program/program.ts";
import { build, dataValue, postProcess, program, provision, source } from "../../engine/programs.ts";
import { ofKind } from "../../engine/run.ts";
import { bothProbes, cancelWithPeers, runWithPeers } from "./peers.ts";

const goTest = lab(test, "go", "linux");
const machineTest = lab(test, "go", "linux", "sshd", "ssh-keygen", "root");
const required = "yes";
const probes = ["probe", "twin"] as const;
/** Between plugins of two languages. Those of one have less to disagree about: several windows of the stream are enough. */
const MUCH = 100_000_000;
const SOME = 3_000_000;

async function onMachine(body: (access: Config, server: Sshd) => Promise<void>): Promise<void> {
  const server = await startSshd();
  try {
    const key = makeSshKey(tmp("key"), "id", "ed25519");
    server.authorize(key.publicKey);
    await body({ ssh_host: server.host, ssh_port: server.port, ssh_username: "root", ssh_private_key_file: key.file }, server);
  } finally {
    await server.stop();
  }
}

for (const owner of probes) {
  for (const user of probes) {
    const size = owner === user ? SOME : MUCH;
    goTest(
      `${size / 1e6} megabytes go by all calls from ${user}'s provisioner through the communicator of ${owner}'s builder`,
      async () => {
        const [target, here] = [tmp("machine"), join(tmp("here"), "files")];
        mkdirSync(here);
        const one = source("one", {
          type: `${owner}-machine`,
          config: { required, target },
          provisioners: [provision(`${user}-act`, { required, behave: "transfer", count: size, source: here })],
        });
        const { result, lines, events } = await runWithPeers(program([build(undefined, one)]), await bothProbes());
        assert.is(result.exitCode, 0, lines.join("\n"));
        assert.ok(ofKind(events, "say").some(({ text }) => text === `transferred ${size}`));
        assert.is(statSync(join(target, "content")).size, size);
        assert.is(statSync(join(target, "content")).mode & 0o777, 0o640);
        const progress = ofKind(events, "progress").at(-1);
        assert.equal([progress?.doneBytes, progress?.totalBytes, progress?.finished], [size, size, true]);
      },
    );
  }
}

for (const user of probes) {
  machineTest(`${user}'s provisioner works on the machine that a builder in TypeScript reaches over SSH`, () =>
    onMachine(async (access) => {
      const here = join(tmp("here"), "files");
      mkdirSync(here);
      const provisioners = [
        provision(`${user}-act`, { required, behave: "command", text: "cd; rm -rf content folder; exit 5" }),
        provision(`${user}-act`, { required, behave: "transfer", count: SOME, source: here }),
      ];
      const one = source("one", { type: "twin-machine", config: { required, ...access }, provisioners });
      const { result, lines, events } = await runWithPeers(program([build(undefined, one)]), await bothProbes());
      assert.is(result.exitCode, 0, lines.join("\n"));
      assert.ok(ofKind(events, "say").some(({ text }) => text === "exit 5"));
      assert.ok(ofKind(events, "say").some(({ text }) => text === `transferred ${SOME}`));
    }),
  );

  machineTest(`a command that ${user}'s provisioner runs ends on the machine of a builder in TypeScript when the run is cancelled`, () =>
    onMachine(async (access) => {
      const mark = join(tmp("mark"), "none");
      const text = `echo under way; exec tail -f /dev/null ${mark}`;
      const one = source("one", {
        type: "twin-machine",
        config: { required, ...access },
        provisioners: [provision(`${user}-act`, { required, behave: "command", text })],
      });
      const folder = await bothProbes();
      const { outcome } = await cancelWithPeers(program([build(undefined, one)]), folder, (event) =>
        JSON.stringify(event).includes('"text":"under way'),
      );
      assert.is(outcome, "cancelled");
      while (isRunning(mark)) await new Promise(setImmediate);
      assert.equal(runningFrom(folder), []);
    }),
  );
}

/** Every phase in which a component can be when the run is cancelled. */
const phases = (probe: string, behave: string) => {
  const bad = { required, behave };
  const fine = { required, target: tmp("machine") };
  const provisioned = (config: Config) =>
    source("one", { type: "null", config: { communicator: "none" }, provisioners: [provision(`${probe}-act`, config)] });
  return {
    builder: program([build(undefined, source("one", { type: `${probe}-machine`, config: { ...fine, behave } }))]),
    provisioner: program([build(undefined, provisioned(bad))]),
    "post-processor": program([
      build(undefined, source("one", { type: `${probe}-machine`, config: fine, postProcessors: [[postProcess(`${probe}-pack`, bad)]] })),
    ]),
    "data source": program([build(undefined, provisioned({ required, text: dataValue(`${probe}-fetch`, "it", "text") }))], {
      datasources: [{ type: `${probe}-fetch`, name: "it", config: bad }],
    }),
  };
};

for (const probe of probes) {
  for (const behave of ["hang", "hang-prepare"]) {
    goTest(
      `${probe}: a run is cancelled while a component of each kind ${behave === "hang" ? "works" : "checks its options"}; none stays`,
      async () => {
        const folder = await bothProbes();
        for (const [kind, made] of Object.entries(phases(probe, behave))) {
          // Nothing tells a data source in Go, or a component that checks its options, to end: it is killed.
          const { outcome, errors } = await cancelWithPeers(made, folder, (event) => "text" in event && event.text === "hanging", {
            graceMs: 300,
          });
          assert.is(outcome, "cancelled", kind);
          assert.equal(errors, [], kind);
          assert.equal(runningFrom(folder), [], kind);
        }
      },
    );
  }
}

goTest("a plugin that crashes in any phase is one error that names it, its component and what it did, with its last words", async () => {
  const folder = await bothProbes();
  const doing = { builder: "built", provisioner: "provisioned", "post-processor": "processed the artifact" } as const;
  for (const probe of probes) {
    for (const kind of ["builder", "provisioner", "post-processor"] as const) {
      const { builds } = phases(probe, "crash")[kind];
      const good = source("good", { type: `${probe}-machine`, config: { required, target: tmp("machine") } });
      const [first] = builds;
      const made = program([build("both", ...(first?.sources ?? []), good)], { secrets: ["hunter2"] });
      const { result } = await runWithPeers(made, folder);
      const [bad, spared] = result.builds;
      assert.is(bad?.errors.length, 1);
      const text = bad?.errors[0] ?? "";
      assert.match(
        text,
        new RegExp(
          `^(the post-processor \\S+ failed: )?the plugin packer-plugin-${probe}_\\S+ \\(${kind} "${probe}-\\w+"\\) was lost while it ${doing[kind]}: it ended with exit code [23]`,
        ),
      );
      assert.match(text, /The last lines of its log:\n[\s\S]*brok?e/);
      assert.not.match(text, /hunter2/);
      assert.is(spared?.outcome, "succeeded");
    }
  }
});

/** True while a process has this word on its command line. */
function isRunning(word: string): boolean {
  return runningFrom(word).some((command) => command.startsWith("tail"));
}

test.run();
