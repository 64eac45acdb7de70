import { prepare, prepareWell, RecordingUi, rejects, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import breakpoint from "../../../src/components/provisioners/breakpoint.ts";
import sleep from "../../../src/components/provisioners/sleep.ts";
import type { Config } from "../../../src/program/program.ts";

const noMachine = { communicator: undefined, data: { Host: "h" } };

async function pauseAt(config: Config, ui: RecordingUi): Promise<readonly string[]> {
  const component = await breakpoint.create();
  await prepareWell(component, config);
  await component.provision({ ...noMachine, ui, signal: new AbortController().signal });
  return ui.lines;
}

test("a breakpoint shows its note and waits for enter", async () => {
  assert.equal(await pauseAt({ note: "look at {{.Host}}" }, new RecordingUi([""])), [
    'say: Pausing at breakpoint with note "look at h".',
    "ask: Press enter to continue.",
  ]);
  assert.equal((await pauseAt({}, new RecordingUi([""])))[0], "say: Pausing at breakpoint.");
});

test("a disabled breakpoint says so and asks nothing", async () => {
  assert.equal(await pauseAt({ note: "x", disable: true }, new RecordingUi()), [
    'say: The breakpoint with note "x" is disabled; continuing...',
  ]);
});

test("a breakpoint where nobody can answer fails", async () => {
  await rejects(pauseAt({}, new RecordingUi()), { message: /nobody/ });
});

test("sleep waits without a word, and not at all unless told to", async () => {
  const ui = new RecordingUi();
  for (const [config, atLeastMs] of [
    [{}, 0],
    [{ duration: "60ms" }, 55],
  ] as const) {
    const component = await sleep.create();
    await prepareWell(component, config);
    const started = performance.now();
    await component.provision({ ...noMachine, ui, signal: new AbortController().signal });
    assert.ok(performance.now() - started >= atLeastMs);
  }
  assert.equal(ui.lines, []);
});

test("an abort ends even a sleep of years", async () => {
  const component = await sleep.create();
  await prepareWell(component, { duration: "100000h" });
  const controller = new AbortController();
  const result = component.provision({ ...noMachine, ui: new RecordingUi(), signal: controller.signal });
  controller.abort();
  await within(20_000, () => rejects(result, { code: "TPK6009" }));
});

test("a duration has to be one", async () => {
  const [problem] = await prepare(await sleep.create(), { duration: "soon" });
  assert.equal([problem?.code, problem?.path], ["TPK3105", ["duration"]]);
});

test.run();
