import { setTimeout as wait } from "node:timers/promises";
import type { Machine, MachineEnd } from "./machine.ts";

/** A connection that breaks because the machine goes off breaks a moment before that is known: at most so long, in milliseconds. */
export const GOING_OFF_MS = 5_000;

/**
 * Waits for the machine to be off, for no more than a time in milliseconds: resolves to how it ended, or to undefined when it is still on.
 * Rejects with the signal's reason. No timer is left.
 */
export async function offWithin({ off }: Pick<Machine, "off">, limitMs: number, signal: AbortSignal): Promise<MachineEnd | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([off, wait(limitMs, undefined, { signal: AbortSignal.any([signal, done.signal]) })]);
  } finally {
    done.abort();
  }
}

/** Whether the machine goes on. QEMU is asked: what ends with the machine may be seen to end a moment before it. */
export async function isOn({ off, qmp }: Pick<Machine, "off" | "qmp">): Promise<boolean> {
  const answers = qmp.execute("query-status").then(
    () => true,
    () => false,
  );
  // That the guest is off is told before QEMU answers.
  return Promise.race([off.then(() => false), answers]);
}
