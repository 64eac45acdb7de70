// What is typed when the machine has started (rows QM-91, QM-137 to QM-144).
import { setTimeout as wait } from "node:timers/promises";
import {
  BuildError,
  bootTiming,
  CancelledError,
  connectVnc,
  createTypist,
  formatDuration,
  givenPublicKey,
  httpAddressKey,
  httpPortKey,
  type Keyboard,
  qmpKeyboard,
  renderBootCommand,
  type ScreenWaits,
  type Step,
  type StepContext,
  type TemplateContext,
  temporaryKeyKey,
} from "@tspack/core/sdk";
import { vncAddress } from "../network/forward.ts";
import type { QemuOptions } from "../options.ts";
import type { Place } from "../place.ts";
import { consoleKey, machineKey, screenKey, vncPasswordKey } from "./keys.ts";

export interface BootOptions {
  readonly config: QemuOptions;
  readonly place: Place;
  readonly template: TemplateContext;
}

/** The step that waits and types the boot command. Nothing is done with `disable_vnc`, or when there is nothing to type and to wait for. */
export function bootStep({ config, place, template }: BootOptions): Step {
  return {
    name: "type boot command",
    async run(context) {
      const { state, ui, run, packer, signal } = context;
      const steps = stepsOf(config);
      const { bootWaitMs, keyIntervalMs } = bootTiming(config, run.environment);
      // The default wait serves typing alone; one that the user chose may be for the guest's sake.
      if (config.disable_vnc || (steps.length === 0 && bootWaitMs === DEFAULT_WAIT_MS)) return;
      if (bootWaitMs > 0) await pause(bootWaitMs, context);
      if (steps.length === 0) return;
      const data = {
        HTTPIP: state.get(httpAddressKey),
        HTTPPort: state.find(httpPortKey) ?? 0,
        Name: place.name,
        SSHPublicKey: state.find(temporaryKeyKey)?.publicKey ?? (await givenPublicKey(config, run)),
      };
      const { keyboard, close } = await openKeyboard(config, context);
      const option = (config.boot_steps ?? []).length > 0 ? "boot_steps" : "boot_command";
      const typist = createTypist(keyboard, { keyIntervalMs, signal, waits: waitsOf(context), option });
      try {
        for (const { text, description } of steps) {
          ui.say(description === "" ? "Typing the boot command..." : description);
          await typist.type(renderBootCommand([text], { template, data, extensions: true, option }));
          if (packer.packer_debug) {
            const about = description === "" ? "the boot command" : JSON.stringify(description);
            await ui.ask(`Paused after ${about}. Press enter to go on.`, { signal });
          }
        }
      } finally {
        await typist.release();
        close();
      }
    },
  };
}

/** Whether the boot command tells the machine its key. Then the key has to be there before the machine starts, or the typing would be late. */
export function typesKey(config: QemuOptions): boolean {
  return stepsOf(config).some(({ text }) => text.includes("SSHPublicKey"));
}

// --- internal ---

const DEFAULT_WAIT_MS = 10_000;

interface BootText {
  readonly text: string;
  readonly description: string;
}

/** `boot_command` is one step; steps with nothing to type are left out (row QM-140). */
function stepsOf({ boot_command = [], boot_steps = [] }: QemuOptions): readonly BootText[] {
  const command = boot_command.join("");
  const steps = boot_steps.map(([text = "", description = ""]) => ({ text, description }));
  return [...(command === "" ? [] : [{ text: command, description: "" }]), ...steps.filter(({ text }) => text !== "")];
}

async function pause(durationMs: number, { ui, signal }: StepContext): Promise<void> {
  ui.say(`Waiting ${formatDuration(durationMs)} for the machine to boot...`);
  try {
    await wait(durationMs, undefined, { signal });
  } catch (cause) {
    throw new CancelledError("cancelled", { cause });
  }
}

async function openKeyboard(config: QemuOptions, { state, signal }: StepContext): Promise<{ readonly keyboard: Keyboard; close(): void }> {
  const { qmp } = state.get(machineKey);
  const address = config.boot_typing === "vnc" ? await vncAddress(qmp) : undefined;
  if (address === undefined) return { keyboard: qmpKeyboard((command, args) => qmp.execute(command, args)), close: () => undefined };
  const keyboard = await connectVnc({ address, password: state.find(vncPasswordKey), signal });
  return { keyboard, close: () => keyboard.close() };
}

/** How a boot command sees the machine. What it waits for is said: that may take minutes. */
function waitsOf({ state, ui }: StepContext): ScreenWaits {
  const screen = state.get(screenKey);
  const serial = state.find(consoleKey);
  return {
    async text(text, source, signal) {
      if (source === "serial" && serial === undefined) {
        throw new BuildError(`${JSON.stringify(text)} cannot be waited for on the serial console, which qemuargs take away`, {
          code: "TPK3106",
          hint: "wait for it on the screen, or leave -serial and -nographic out",
        });
      }
      const looksAt = [...(source === "any" ? ["the screen"] : []), ...(serial === undefined ? [] : ["the serial console"])];
      ui.say(`Waiting for ${JSON.stringify(text)} on ${looksAt.join(" or ")}...`);
      const done = new AbortController();
      const both = AbortSignal.any([signal, done.signal]);
      const places: Promise<void>[] = [];
      if (serial !== undefined) places.push(serial.waitForText(text, both));
      if (source === "any") places.push(screen.waitForText(text, both));
      try {
        await Promise.race(places);
      } finally {
        done.abort();
        await Promise.allSettled(places);
      }
    },
    still(durationMs, signal) {
      ui.say(`Waiting for the screen to stand still for ${formatDuration(durationMs)}...`);
      return screen.waitUntilStill(durationMs, signal);
    },
    snapshot: () => screen.digest(),
    change(snapshot, signal) {
      ui.say("Waiting for the screen to change...");
      return screen.waitForChange(snapshot, signal);
    },
  };
}
