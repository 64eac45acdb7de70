import { setTimeout as sleep } from "node:timers/promises";
import { scancodesOf } from "./key.ts";
import type { Keyboard } from "./keyboard.ts";

/** Where scan codes go: `VBoxManage controlvm … keyboardputscancode`, Hyper-V's keyboard, and the like. */
export interface ScancodeOptions {
  /** Sends codes of set 1, as bytes. */
  readonly send: (codes: readonly number[], signal: AbortSignal) => Promise<void>;
  /** How many bytes one `send` takes at most; keystrokes are not split. 100 unless given. */
  readonly chunkSize?: number | undefined;
  /** Milliseconds between two sends: `boot_keygroup_interval` (row BCF-03), or what the builder takes for it. 100 unless given. */
  readonly groupIntervalMs?: number | undefined;
}

/**
 * A PC keyboard (row BCF-06): scan codes are collected, and sent in chunks at waits and at the end. Characters that a US keyboard
 * does not have are left out.
 */
export function scancodeKeyboard({ send, chunkSize = 100, groupIntervalMs = 100 }: ScancodeOptions): Keyboard {
  let groups: number[][] = [];
  return {
    strokes: "together",
    intervalMs: undefined,
    async send(events) {
      const known = events.map(({ key, down }) => scancodesOf(key, down));
      // Without its character a shift would be a key of its own, which some systems act upon.
      const codes = known.includes(undefined) ? [] : known.flatMap((one) => one ?? []);
      const group = groups.at(-1);
      if (group !== undefined && group.length + codes.length <= chunkSize) group.push(...codes);
      else if (codes.length > 0) groups.push(codes);
    },
    async flush(signal) {
      const waiting = groups;
      groups = [];
      for (const group of waiting) {
        signal.throwIfAborted();
        await send(group, signal);
        if (groupIntervalMs > 0) await sleep(groupIntervalMs, undefined, { signal });
      }
    },
  };
}
