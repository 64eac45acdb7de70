import { setTimeout as sleep } from "node:timers/promises";
import { qcodeOf } from "./key.ts";
import type { Keyboard } from "./keyboard.ts";

/** Runs one command of QEMU's monitor (QMP) and resolves with its answer. */
export type QmpExecute = (command: string, args: { readonly [name: string]: unknown }, signal: AbortSignal) => Promise<unknown>;

/**
 * A keyboard that types through QEMU's monitor. On a PC all events of a keystroke go in one `input-send-event`, and the next one when
 * the guest has taken them from the keyboard controller and 2 ms have passed (rows QM-190, QM-220), however slow it is. On machines
 * with a USB keyboard, whose guests ask for keys now and then and whose queue is short, each event goes by itself, 60 ms apart.
 * Characters that a US keyboard does not have are left out.
 */
export function qmpKeyboard(execute: QmpExecute): Keyboard {
  const monitor = async (line: string, signal: AbortSignal): Promise<string> => {
    const answer = await execute("human-monitor-command", { "command-line": line }, signal);
    return typeof answer === "string" ? answer : "";
  };
  let hasController = true;
  let hasUsbKeyboard = false;
  let listens = true;
  async function guestTookKeys(signal: AbortSignal): Promise<void> {
    const lateAt = Date.now() + (listens ? PATIENCE_MS : 0);
    for (;;) {
      listens = isControllerFull(await monitor(READ_STATUS, signal)) !== true;
      if (listens || Date.now() >= lateAt) return;
      await sleep(1, undefined, { signal });
    }
  }
  return {
    get strokes() {
      return hasUsbKeyboard ? "separate" : "together";
    },
    get intervalMs() {
      return hasUsbKeyboard ? USB_INTERVAL_MS : hasController ? INTERVAL_MS : QUEUE_INTERVAL_MS;
    },
    async open(signal) {
      hasUsbKeyboard = /keyboard/i.test(await monitor("info usb", signal));
      hasController = isControllerFull(await monitor(READ_STATUS, signal)) !== undefined;
    },
    async send(events, signal) {
      // Without its character a shift would be a key of its own, which some systems act upon.
      if (events.some(({ key }) => qcodeOf(key) === undefined)) return;
      const sent = events.map(({ key, down }) => ({ type: "key", data: { down, key: { type: "qcode", data: qcodeOf(key) } } }));
      await execute("input-send-event", { events: sent }, signal);
      if (hasController) await guestTookKeys(signal);
    },
  };
}

// --- internal ---

const INTERVAL_MS = 2;

/** SeaBIOS asks a USB keyboard for one event 18 times a second; operating systems do so more often. */
const USB_INTERVAL_MS = 60;

/** Other machines: their keyboard (virtio) has a queue that the guest empties by itself. */
const QUEUE_INTERVAL_MS = 20;

/** Longest wait for a guest that does not take a key. After that it is not waited for until it takes one again. */
const PATIENCE_MS = 5_000;

/** Reads the status port of a PC's keyboard controller (i8042), which changes nothing there. */
const READ_STATUS = "i /b 0x64";

/** Bit 0 of the status: bytes wait for the guest. Undefined on machines that have no such port. */
function isControllerFull(answer: string): boolean | undefined {
  const [, status] = /^portb\[0x0064\] = (0x[\da-f]{2})\s*$/.exec(answer) ?? [];
  return status === undefined || status === "0xff" ? undefined : (Number(status) & 1) === 1;
}
