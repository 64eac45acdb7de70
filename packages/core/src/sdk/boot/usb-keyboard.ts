import { usageOf } from "./key.ts";
import type { Keyboard } from "./keyboard.ts";

/** What a USB keyboard reports (HID 1.11, appendix B.1): the modifiers as bits, and up to six keys that are down. */
export interface UsbReport {
  /** Bit 0 is left control, then shift, alt, super; the same four on the right from bit 4. */
  readonly modifiers: number;
  /** Usages of the keyboard page, without modifiers. */
  readonly usages: readonly number[];
}

/**
 * A USB keyboard (row BCF-08): after every event the state of all keys is reported, shift with its character. Characters that a US
 * keyboard does not have are left out.
 */
export function usbKeyboard(report: (report: UsbReport, signal: AbortSignal) => Promise<void>): Keyboard {
  const down = new Set<number>();
  return {
    strokes: "separate",
    intervalMs: 100,
    async send(events, signal) {
      for (const event of events) {
        const usage = usageOf(event.key);
        if (usage === undefined) continue;
        if (event.down) down.add(usage);
        else down.delete(usage);
        await report(reportOf(down), signal);
      }
    },
  };
}

// --- internal ---

const FIRST_MODIFIER = 0xe0;
const MOST_KEYS = 6;

function reportOf(down: ReadonlySet<number>): UsbReport {
  const all = [...down];
  return {
    modifiers: all.filter((usage) => usage >= FIRST_MODIFIER).reduce((bits, usage) => bits | (1 << (usage - FIRST_MODIFIER)), 0),
    usages: all.filter((usage) => usage < FIRST_MODIFIER).slice(-MOST_KEYS),
  };
}
