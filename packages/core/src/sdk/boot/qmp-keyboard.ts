import { qcodeOf } from "./key.ts";
import type { Keyboard } from "./keyboard.ts";

/** Runs one command of QEMU's monitor (QMP) and resolves with its answer. */
export type QmpExecute = (command: string, args: { readonly [name: string]: unknown }, signal: AbortSignal) => Promise<unknown>;

/**
 * A keyboard that types through QEMU's monitor: all events of a keystroke in one `input-send-event`, the next one when the answer is
 * in and 2 ms have passed (rows QM-190, QM-220: exact, where 0 ms loses keys). Characters that a US keyboard does not have are left out.
 */
export function qmpKeyboard(execute: QmpExecute): Keyboard {
  return {
    strokes: "together",
    intervalMs: 2,
    async send(events, signal) {
      const known = events.flatMap(({ key, down }) => {
        const qcode = qcodeOf(key);
        return qcode === undefined ? [] : [{ type: "key", data: { down, key: { type: "qcode", data: qcode } } }];
      });
      if (known.length > 0) await execute("input-send-event", { events: known }, signal);
    },
  };
}
