import { once } from "node:events";
import { createState, errorText, type StepContext, TspackError } from "@tspack/core/sdk";
import { RecordingUi, rejects, runInfo, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Machine, MachineEnd } from "../../src/machine/machine.ts";
import { machineKey } from "../../src/steps/keys.ts";
import { watched } from "../../src/steps/watched.ts";

const place = { tracesDirectory: "/nowhere", traceName: "test" } as Parameters<typeof watched>[1]["place"];

test("a machine that cannot go on ends its step with the reason alone, and the option that it is about", async () => {
  const end: MachineEnd = { cause: "lost", text: "QEMU stopped the machine", hint: "choose another", option: "accelerator" };
  const state = createState();
  state.set(machineKey, { off: Promise.resolve(end) } as Machine);
  const packer = { packer_build_name: "test" } as StepContext["packer"];
  const context: StepContext = { state, ui: new RecordingUi(), signal: new AbortController().signal, run: runInfo(), packer };
  const waiting = watched(
    {
      name: "wait",
      async run({ signal }) {
        if (!signal.aborted) await once(signal, "abort");
        // As a hook's cancellation comes back through the protocol.
        throw new Error("context canceled");
      },
    },
    { place, doing: "provisioning" },
  );
  const error = await within(30_000, () => rejects(waiting.run(context), {}));
  assert.is(errorText(error), "while provisioning, QEMU stopped the machine");
  assert.ok(TspackError.is(error));
  assert.equal([error.option, error.hint], ["accelerator", "choose another"]);
});

test.run();
