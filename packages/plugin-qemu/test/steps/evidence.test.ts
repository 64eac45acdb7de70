import { createState, httpOptions, httpServerStep, type StepContext } from "@tspack/core/sdk";
import { RecordingUi, runInfo, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Screen } from "../../src/console/screen.ts";
import type { Machine } from "../../src/machine/machine.ts";
import type { Qmp } from "../../src/machine/qmp.ts";
import { withEvidence } from "../../src/steps/evidence.ts";
import { machineKey, screenKey } from "../../src/steps/keys.ts";

/** The monitor of a QEMU that hangs. */
const hanging: Qmp = {
  version: "7.2.0",
  execute: () => new Promise(() => undefined),
  onEvent: () => () => undefined,
  closed: new Promise(() => undefined),
  close: () => undefined,
};

function contextOf(signal: AbortSignal): StepContext {
  const state = createState();
  state.set(machineKey, { pid: 1, qmp: hanging } as Machine);
  state.set(screenKey, new Screen(hanging, "/nowhere"));
  const packer = { packer_build_name: "test", packer_on_error: "ask" } as StepContext["packer"];
  return { state, ui: new RecordingUi(), signal, run: runInfo(), packer };
}

const place = { tracesDirectory: "/nowhere", traceName: "test" } as Parameters<typeof withEvidence>[1]["place"];

test("a QEMU that does not answer keeps no build from failing", async () => {
  const error = new Error("no SSH connection within 2 seconds");
  const context = contextOf(new AbortController().signal);
  assert.is(await within(30_000, () => withEvidence(error, { place, context, limitMs: 10 })), error);
});

test("nobody waits for a QEMU that does not answer when the build is cancelled", async () => {
  const abort = new AbortController();
  const looking = withEvidence(new Error("failed"), { place, context: contextOf(abort.signal), limitMs: 600_000 });
  abort.abort();
  await within(30_000, () => looking);
});

test("what the machine asked the HTTP server for is said, but not beside a failure that is none of its doing", async () => {
  const { signal } = new AbortController();
  for (const [isBeside, told] of [
    [false, /^error: The machine has asked the HTTP server for nothing$/m],
    [true, /^$/],
  ] as const) {
    const context = contextOf(signal);
    const serving = httpServerStep(httpOptions().parse({ http_content: { "/preseed.cfg": "" } }));
    await serving.run({ ...context, ui: new RecordingUi() });
    try {
      await withEvidence(new Error("no SSH"), { place, context, isBeside, limitMs: 10 });
    } finally {
      await serving.cleanup?.({ ...context, failure: undefined });
    }
    assert.match((context.ui as RecordingUi).text, told);
  }
});

test.run();
