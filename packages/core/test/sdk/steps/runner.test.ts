import { packerVariables, RecordingUi, rejects, runInfo, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CancelledError, errorText, isCancellation } from "../../../src/diagnostics/error.ts";
import type { PackerVariables } from "../../../src/sdk/component.ts";
import { HOOK_CLEANUP_PROVISION, HOOK_PROVISION, type Hook } from "../../../src/sdk/hook.ts";
import { provisionStep } from "../../../src/sdk/steps/provision.ts";
import { runSteps } from "../../../src/sdk/steps/runner.ts";
import { type Step, stateKey } from "../../../src/sdk/steps/step.ts";

interface Bench {
  readonly ui: RecordingUi;
  readonly log: string[];
  readonly controller: AbortController;
  step(name: string, changes?: Partial<Step>): Step;
  run(steps: readonly Step[], packer?: Partial<PackerVariables>): ReturnType<typeof runSteps>;
}

function bench(answers: readonly string[] = []): Bench {
  const ui = new RecordingUi(answers);
  const log: string[] = [];
  const controller = new AbortController();
  return {
    ui,
    log,
    controller,
    step: (name, changes = {}) => ({
      name,
      run: async () => void log.push(`run ${name}`),
      cleanup: async ({ failure }) =>
        void log.push(`clean ${name}${failure === undefined ? "" : isCancellation(failure) ? " after cancellation" : " after failure"}`),
      ...changes,
    }),
    run: (steps, packer = {}) => runSteps(steps, { ui, signal: controller.signal, packer: packerVariables(packer), run: runInfo() }),
  };
}

const failing = async () => {
  throw new Error("boom");
};

test("steps run in order and are cleaned up in reverse, also on success", async () => {
  const { run, step, log } = bench();
  await run([step("a"), step("b")]);
  assert.equal(log, ["run a", "run b", "clean b", "clean a"]);
});

test("a failing step is cleaned up too, later ones are not started", async () => {
  const { run, step, log } = bench();
  await rejects(run([step("a"), step("b", { run: failing }), step("c")]), { message: /^boom$/ });
  assert.equal(log, ["run a", "clean b after failure", "clean a after failure"]);
});

test("steps hand values to each other, and asking for a missing one names it", async () => {
  const key = stateKey<number>("vnc_port");
  const { run, step } = bench();
  const state = await run([step("a", { run: async ({ state }) => state.set(key, 5901) })]);
  assert.is(state.get(key), 5901);
  assert.is(state.find(stateKey("other")), undefined);
  assert.throws(() => state.get(stateKey("other")), /"other"/);
});

test("cancellation stops the running step and cleans up under a signal that is not aborted", async () => {
  const { run, step, log, controller } = bench();
  let cleanupSignal: AbortSignal | undefined;
  const waiting = step("wait", {
    run: ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("the tool was killed")));
        controller.abort();
      }),
    cleanup: async ({ signal, failure }) => {
      cleanupSignal = signal;
      log.push(`clean wait ${isCancellation(failure)}`);
    },
  });
  const error = await rejects(run([step("a"), waiting, step("c")]), { code: "TPK6009" });
  assert.match(errorText(error), /the tool was killed/);
  assert.equal(log, ["run a", "clean wait true", "clean a after cancellation"]);
  assert.is(cleanupSignal?.aborted, false);
});

test("a run that is cancelled between steps starts no further one", async () => {
  const { run, step, log, controller } = bench();
  await rejects(run([step("a", { run: async () => controller.abort() }), step("b")]), { code: "TPK6009" });
  assert.equal(log, ["clean a after cancellation"]);
});

test("on-error=abort cleans nothing up and reports every step that is left", async () => {
  const { run, step, log, ui } = bench();
  await rejects(run([step("a"), step("b", { run: failing })], { packer_on_error: "abort" }), { message: /boom/ });
  assert.equal(log, ["run a"]);
  assert.equal(ui.lines, ['error: Skipping the clean-up of step "b"', 'error: Skipping the clean-up of step "a"']);
});

test("on-error=abort leaves a cancelled run as it is, but cleans up after success", async () => {
  const cancelled = bench();
  const cancel = cancelled.step("a", { run: async () => cancelled.controller.abort() });
  await rejects(cancelled.run([cancel, cancelled.step("b")], { packer_on_error: "abort" }), { code: "TPK6009" });
  assert.equal(cancelled.log, []);
  const well = bench();
  await well.run([well.step("a")], { packer_on_error: "abort" });
  assert.equal(well.log, ["run a", "clean a"]);
});

test("on-error=ask: retry runs the step again, abort leaves all, an empty or no answer cleans up", async () => {
  const retried = bench(["what", "r"]);
  let attempts = 0;
  const flaky = retried.step("flaky", {
    run: async () => {
      if (++attempts === 1) throw new Error("boom");
    },
  });
  await retried.run([flaky], { packer_on_error: "ask" });
  assert.is(attempts, 2);
  assert.match(retried.ui.text, /error: boom\nask: Step "flaky" failed\..*\nsay: Please answer c, a or r\.\nask: /);

  const aborted = bench(["a"]);
  await rejects(aborted.run([aborted.step("x", { run: failing })], { packer_on_error: "ask" }), { message: /boom/ });
  assert.equal(aborted.log, []);

  for (const answers of [[""], ["c"], []]) {
    const cleaned = bench(answers);
    await rejects(cleaned.run([cleaned.step("x", { run: failing })], { packer_on_error: "ask" }), { message: /boom/ });
    assert.equal(cleaned.log, ["clean x after failure"]);
  }
});

test("on-error=ask does not ask after a cancellation", async () => {
  const { run, step, log, ui, controller } = bench(["a"]);
  const cancel = step("x", {
    run: async () => {
      controller.abort();
      throw new CancelledError();
    },
  });
  await rejects(run([cancel], { packer_on_error: "ask" }), { code: "TPK6009" });
  assert.equal(log, ["clean x after cancellation"]);
  assert.equal(ui.lines, []);
});

test("on-error=run-cleanup-provisioner cleans up after the provisioning step alone", async () => {
  const { run, step, log, ui } = bench();
  const steps = [step("a"), step("provision", { provisions: true }), step("export", { run: failing })];
  await rejects(run(steps, { packer_on_error: "run-cleanup-provisioner" }), { message: /boom/ });
  assert.equal(log, ["run a", "run provision", "clean provision after failure"]);
  assert.match(ui.text, /step "export"\n.*step "a"/);
});

test("debug asks after each step and before each clean-up that there is, and goes on when nobody answers", async () => {
  const { run, step, ui } = bench(["", "", "", "", ""]);
  await run([step("a"), { name: "plain", run: async () => undefined }, step("b")], { packer_debug: true });
  assert.equal(
    ui.lines.map((line) => line.replace(/\. Press.*/, "")),
    [
      'ask: Pausing after step "a"',
      'ask: Pausing after step "plain"',
      'ask: Pausing after step "b"',
      'ask: Pausing before cleaning up step "b"',
      'ask: Pausing before cleaning up step "a"',
    ],
  );
  const silent = bench();
  await silent.run([silent.step("a")], { packer_debug: true });
  assert.equal(silent.log, ["run a", "clean a"]);
});

test("a clean-up that fails is reported beside the first error, and the others still run", async () => {
  const { run, step, log } = bench();
  const error = await rejects(
    run([step("a"), step("b", { run: failing, cleanup: async () => Promise.reject(new Error("disk is busy")) })]),
  );
  assert.match(errorText(error), /boom; could not clean up after step "b": disk is busy/);
  assert.ok(error.cause instanceof AggregateError);
  assert.equal(log, ["run a", "clean a after failure"]);
});

test("a clean-up that fails after success is shown and does not fail the build", async () => {
  const { run, step, ui } = bench();
  await run([step("a", { cleanup: async () => Promise.reject(new Error("disk is busy")) })]);
  assert.equal(ui.lines, ['error: could not clean up after step "a": disk is busy']);
});

test("a clean-up that takes too long is told so and then reported", async () => {
  const { run, step, log } = bench();
  const slow = step("slow", {
    run: failing,
    cleanupLimitMs: 20,
    cleanup: ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  const error = await within(20_000, () => rejects(run([step("a"), slow])));
  assert.match(errorText(error), /boom; .*"slow".*longer than 0.02 seconds/);
  assert.equal(log, ["run a", "clean a after failure"]);
});

function recordingHook(results: { readonly [name: string]: () => Promise<void> } = {}): Hook & { readonly fired: string[] } {
  const fired: string[] = [];
  return {
    fired,
    run: async (name, { data, signal }) => {
      fired.push(`${name} ${String(data.ID)} ${signal.aborted}`);
      await results[name]?.();
    },
  };
}

const provisioning = (hook: Hook) => provisionStep({ hook, communicator: () => undefined, data: () => ({ ID: "i" }) });

test("the provisioning step fires its hook, and no other when all goes well", async () => {
  const { run } = bench();
  const hook = recordingHook();
  await run([provisioning(hook)]);
  assert.equal(hook.fired, [`${HOOK_PROVISION} i false`]);
});

test("the error-cleanup provisioner runs when a provisioner or a later step fails", async () => {
  const hook = recordingHook({ [HOOK_PROVISION]: failing });
  const first = bench();
  await rejects(first.run([provisioning(hook)]), { message: /boom/ });
  assert.equal(hook.fired, [`${HOOK_PROVISION} i false`, `${HOOK_CLEANUP_PROVISION} i false`]);
  const later = recordingHook();
  const second = bench();
  await rejects(second.run([provisioning(later), second.step("export", { run: failing })]), { message: /boom/ });
  assert.equal(later.fired, [`${HOOK_PROVISION} i false`, `${HOOK_CLEANUP_PROVISION} i false`]);
});

test("the error-cleanup provisioner does not run after a cancellation, or when an earlier step fails", async () => {
  const { run, controller } = bench();
  const hook = recordingHook({ [HOOK_PROVISION]: async () => controller.abort() });
  const tail: Step = { name: "tail", run: async () => {} };
  await rejects(run([provisioning(hook), tail]), { code: "TPK6009" });
  assert.equal(hook.fired, [`${HOOK_PROVISION} i false`]);
  const early = bench();
  const untouched = recordingHook();
  await rejects(early.run([early.step("boot", { run: failing }), provisioning(untouched)]));
  assert.equal(untouched.fired, []);
});

test("an error-cleanup provisioner that fails is reported with the first error", async () => {
  const hook = recordingHook({
    [HOOK_PROVISION]: failing,
    [HOOK_CLEANUP_PROVISION]: async () => Promise.reject(new Error("cleanup broke")),
  });
  const error = await rejects(bench().run([provisioning(hook)]));
  assert.match(errorText(error), /boom; .*cleanup broke/);
});

test.run();
