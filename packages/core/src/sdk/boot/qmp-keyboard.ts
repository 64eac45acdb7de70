import { setTimeout as sleep } from "node:timers/promises";
import { qcodeOf } from "./key.ts";
import type { Keyboard } from "./keyboard.ts";

/** Runs one command of QEMU's monitor (QMP) and resolves with its answer. */
export type QmpExecute = (command: string, args: { readonly [name: string]: unknown }, signal: AbortSignal) => Promise<unknown>;

/**
 * A keyboard that types through QEMU's monitor: all events of a keystroke in one `input-send-event`, the next one when the answer is
 * in and 2 ms have passed (rows QM-190, QM-220: exact, where 0 ms loses keys). A PC guest that is slow is waited for: the next
 * keystroke goes out when it has taken the last one from the keyboard controller. Characters that a US keyboard does not have are left out.
 */
export function qmpKeyboard(execute: QmpExecute): Keyboard {
  let hasController = true;
  let listens = true;
  async function guestTookKeys(signal: AbortSignal): Promise<void> {
    const lateAt = Date.now() + (listens ? PATIENCE_MS : 0);
    while (hasController) {
      const full = await isControllerFull(execute, signal);
      hasController = full !== undefined;
      listens = full !== true;
      if (listens || Date.now() >= lateAt) return;
      await sleep(1, undefined, { signal });
    }
  }
  return {
    strokes: "together",
    intervalMs: 2,
    async send(events, signal) {
      const known = events.flatMap(({ key, down }) => {
        const qcode = qcodeOf(key);
        return qcode === undefined ? [] : [{ type: "key", data: { down, key: { type: "qcode", data: qcode } } }];
      });
      if (known.length === 0) return;
      await execute("input-send-event", { events: known }, signal);
      await guestTookKeys(signal);
    },
  };
}

// --- internal ---

/** Longest wait for a guest that does not take a key. After that it is not waited for until it takes one again. */
const PATIENCE_MS = 1000;

/**
 * Reads the status port of a PC's keyboard controller (i8042), which changes nothing there. Bit 0: bytes wait for the guest. Undefined
 * on machines that have no such port.
 */
async function isControllerFull(execute: QmpExecute, signal: AbortSignal): Promise<boolean | undefined> {
  const answer = await execute("human-monitor-command", { "command-line": "i /b 0x64" }, signal);
  const [, status] = /^portb\[0x0064\] = (0x[\da-f]{2})\s*$/.exec(typeof answer === "string" ? answer : "") ?? [];
  return status === undefined || status === "0xff" ? undefined : (Number(status) & 1) === 1;
}
