import { PassThrough } from "node:stream";
import { createState, errorText, type StepContext } from "@tspack/core/sdk";
import { RecordingUi, runInfo, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Processor, processorAdvice } from "../../src/console/processor.ts";
import { SerialConsole } from "../../src/console/serial-console.ts";
import { withEvidence } from "../../src/steps/evidence.ts";
import { consoleKey, processorKey } from "../../src/steps/keys.ts";

const usual: Processor = { model: undefined, accelerator: "tcg", architecture: "x86_64", isOwnRow: false };

/** What a build's error says after a guest has printed these lines. */
async function told(lines: readonly string[], isBeside = false): Promise<{ readonly text: string; readonly ui: RecordingUi }> {
  const ui = new RecordingUi();
  const state = createState();
  const port = new PassThrough();
  const console = new SerialConsole(port, { ui, logFile: undefined });
  state.set(consoleKey, console);
  state.set(processorKey, usual);
  port.write(`${lines.join("\r\n")}\r\nlast\r\n`);
  await within(30_000, () => console.waitForText("last", new AbortController().signal));
  const packer = { packer_build_name: "test", packer_on_error: "cleanup" } as StepContext["packer"];
  const context = { state, ui, signal: new AbortController().signal, run: runInfo(), packer };
  const place = { tracesDirectory: "/nowhere", traceName: "test" } as Parameters<typeof withEvidence>[1]["place"];
  const error = await within(30_000, () => withEvidence(new Error("no SSH connection within 1 second"), { place, context, isBeside }));
  return { text: errorText(error), ui };
}

const crash = Array.from({ length: 40 }, (_, line) => `[    2.0] crash ${line}`);

for (const complaint of [
  "Fatal glibc error: CPU does not support x86-64-v2",
  "/bin/init: CPU ISA level is lower than required",
  "This kernel requires an x86-64 CPU, but only detected an i686 CPU.",
]) {
  test(`the error that ends the build names the processor, however much was printed behind: ${complaint}`, async () => {
    const { text } = await told([complaint, ...crash]);
    assert.is(
      text.split("\n")[0],
      `no SSH connection within 1 second. The machine's processor is too old for its system, which said ${JSON.stringify(complaint)}. Set cpu_model to "max". The machine's console said last:`,
    );
  });
}

test("it is said beside the error of a provisioner, and not at all of a guest that has no complaint", async () => {
  const beside = await told(["Fatal glibc error: CPU does not support x86-64-v3"], true);
  assert.is(beside.text, "no SSH connection within 1 second");
  assert.match(beside.ui.text, /error: The machine's processor is too old for its system: set cpu_model to "max"/);
  assert.not.match((await told(crash)).text, /processor/);
});

const advice: readonly [changes: Partial<Processor>, expected: RegExp][] = [
  [{ accelerator: "kvm" }, /^set cpu_model to "host"$/],
  [{ accelerator: "hvf", model: "Westmere" }, /^set cpu_model to "host"$/],
  [{ accelerator: "none" }, /^set cpu_model to "max"$/],
  [{ accelerator: undefined }, /^set cpu_model to "host" where the accelerator is kvm or hvf, else "max"$/],
  [{ accelerator: "kvm", model: "qemu64", isOwnRow: true }, /"-cpu" row of qemuargs: "host"$/],
  [{ accelerator: "kvm", model: "host,-vmx" }, /^this host's own processor is too old/],
  [{ model: "max" }, /^QEMU emulates none that has more: build with kvm/],
  [{ architecture: "i386" }, /set qemu_binary to "qemu-system-x86_64"$/],
];
for (const [changes, expected] of advice) {
  test(`advice for ${JSON.stringify(changes)}`, () => assert.match(processorAdvice({ ...usual, ...changes }), expected));
}

test.run();
