import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Connection, connectionKey, createState, type StepContext } from "@tspack/core/sdk";
import { RecordingUi, rejects, runInfo, within } from "@tspack/test-support";
import { test } from "uvu";
import type { Machine, MachineEnd } from "../../src/machine/machine.ts";
import { qemuOptions } from "../../src/options.ts";
import { machineKey } from "../../src/steps/keys.ts";
import { shutDownStep } from "../../src/steps/shut-down.ts";

/** Collects garbage, as happens in every build that is long enough: a time limit must not go with it. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

/** A machine that stays on until `turnOff`, and a connection whose command runs until it is stopped. */
function stubbornMachine(): { readonly context: StepContext; readonly stopped: Promise<void>; turnOff(): void } {
  let turnOff = (_end: MachineEnd): void => undefined;
  const off = new Promise<MachineEnd>((resolve) => {
    turnOff = resolve;
  });
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const execute = ({ signal }: { readonly signal: AbortSignal }): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        stop();
        reject(new Error("stopped"));
      });
    });
  const state = createState();
  state.set(machineKey, { off, ended: off, end: async () => undefined } as unknown as Machine);
  state.set(connectionKey, { communicator: { execute } } as unknown as Connection);
  const packer = { packer_build_name: "test" } as StepContext["packer"];
  const context = { state, ui: new RecordingUi(), signal: new AbortController().signal, run: runInfo(), packer };
  return { context, stopped, turnOff: () => turnOff({ cause: "guest", text: "" }) };
}

function stepOf(limit: string): ReturnType<typeof shutDownStep> {
  const login = { iso_url: "a", iso_checksum: "none", ssh_username: "root" };
  return shutDownStep(qemuOptions().parse({ ...login, shutdown_command: "sleep 1000", shutdown_timeout: limit }));
}

test("a shutdown command that never ends is stopped after its time, and the machine has no more", async () => {
  const { context, stopped, turnOff } = stubbornMachine();
  const ending = rejects(Promise.resolve(stepOf("200ms").run(context)), { code: "TPK6005", message: /it was still on after/ });
  const collecting = setInterval(garbageCollector(), 10);
  try {
    await within(30_000, () => stopped);
    // Too late.
    setTimeout(turnOff, 100);
    await ending;
  } finally {
    clearInterval(collecting);
  }
});

test("a shutdown command that goes on when the machine is off is stopped then", async () => {
  const { context, stopped, turnOff } = stubbornMachine();
  const ending = stepOf("10m").run(context);
  turnOff();
  await ending;
  await within(30_000, () => stopped);
});

test.run();
