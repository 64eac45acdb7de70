// Plugins that break the protocol, as processes: each costs its own build, with one error that says which plugin, component and phase
// it was and how the plugin's log ends. Other builds go on, and nothing stays.
import { installPlugin, lab, runningFrom, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { RunEvent } from "../../../src/events/event.ts";
import { build, program, source } from "../../engine/programs.ts";
import { hostilePlugin } from "../../sdk/plugin/bundle.ts";
import { cancelWithPeers, runWithPeers } from "./peers.ts";

const unixTest = lab(test, "linux");

let installed: Promise<string> | undefined;
function folderOfPlugins(): Promise<string> {
  installed ??= (async () => {
    const folder = tmp("plugins");
    installPlugin(folder, await hostilePlugin(), "1.0.0", { source: "github.com/tspack/hostile" });
    return folder;
  })();
  return installed;
}

const refused = /sent a frame of .*, which the plugin protocol does not allow/;
const unwanted = /a plugin answered a call of Builder\.\w+ that nobody waits for/;

/** What it does, how its process ended if it did, and what is told of it. */
const tricks: readonly (readonly [trick: string, end: RegExp | undefined, told: RegExp])[] = [
  ["exit", /it ended with exit code 9/, /was not answered/],
  ["killed", /it was ended by SIGKILL/, /was not answered/],
  ["closes", /it ended with exit code 0/, /it closed the connection|ECONNRESET/],
  ["lingers", /it ended with exit code 9/, /it closed the connection|ECONNRESET/],
  ["truncated", /it ended with exit code 0/, /ended in the middle of a frame/],
  ["garbage", /it ended with exit code 0/, refused],
  ["oversized", /it ended with exit code 0/, refused],
  ["unfinished", undefined, /the stream ended in the middle of a message/],
  ["immense", undefined, /a plugin sent a message of more than 33554432 bytes/],
  ["leaves", undefined, /was not answered: unexpected EOF/],
  ["twice", undefined, unwanted],
  ["unasked", undefined, unwanted],
  ["wrong", undefined, /the reply of Builder\.\w+ has the wrong type/],
  ["floods", /it ended with exit code 9/, /was not answered/],
];

const phases = { spec: "told its options", prepare: "checked its configuration", run: "built" } as const;

for (const [phase, doing] of Object.entries(phases)) {
  unixTest(`whatever a plugin does wrong while it ${doing}, its build fails with one error, and no other build does`, async () => {
    const folder = await folderOfPlugins();
    const bad = tricks.map(([trick]) => source(trick, { type: `hostile-${phase}-${trick}` }));
    const good = source("good", { type: "hostile-run-fine" });
    const { result } = await runWithPeers(program([build(undefined, ...bad, good)]), folder);
    assert.is(result.builds.at(-1)?.outcome, "succeeded");
    for (const [index, [trick, end, usual]] of tricks.entries()) {
      // The first of two answers is read as the options, which it is not.
      const told = phase === "spec" && trick === "twice" ? /specification/ : usual;
      const failed = result.builds[index];
      assert.is(failed?.outcome, "failed", trick);
      const who = `(builder "hostile-${phase}-${trick}")`;
      // What goes wrong before anything runs is told as a diagnostic at the source.
      const before = result.diagnostics.map(({ detail }) => detail ?? "").filter((text) => text.includes(who));
      const errors = phase === "run" ? (failed?.errors ?? []) : before;
      assert.is(errors.length, 1, `${trick}: ${errors.join("\n")}`);
      const [head = "", tail = ""] = (errors[0] ?? "").split("\nThe last lines of its log:\n");
      assert.match(head, /[Tt]he plugin packer-plugin-hostile_\S+ /);
      assert.ok(head.includes(`${who} ${end === undefined ? "failed" : "was lost"} while it ${doing}: `), head);
      if (end !== undefined) assert.match(head, end);
      assert.match(head, told);
      assert.match(tail, trick === "floods" ? /^ {2}flooded\.?$/m : new RegExp(`^ {2}about to do ${trick}\\.?$`));
      assert.ok(tail.length < 15 * 510, `${tail.length} characters of its log`);
    }
    assert.equal(runningFrom(folder), []);
  });
}

unixTest("a plugin that calls what is not there is told so, and may go on", async () => {
  const { result } = await runWithPeers(program([build(undefined, source("bad", { type: "hostile-run-calls" }))]), await folderOfPlugins());
  assert.equal(result.builds[0]?.errors, [
    "rpc: can't find method Ui.Nope | rpc: can't find service Nope.Nope | rpc: service/method request ill-formed: nope | rpc: can't find method Ui.constructor",
  ]);
});

unixTest("a plugin that never answers is given up with the run, in every phase", async () => {
  const folder = await folderOfPlugins();
  for (const phase of Object.keys(phases)) {
    const made = program([build(undefined, source("bad", { type: `hostile-${phase}-silent` }))]);
    const isTime = (event: RunEvent): boolean => "text" in event && event.text === "about to do silent";
    const { outcome, errors } = await cancelWithPeers(made, folder, isTime, { graceMs: 200 });
    assert.is(outcome, "cancelled", phase);
    assert.equal(errors, [], phase);
    assert.equal(runningFrom(folder), [], phase);
  }
});

test.run();
