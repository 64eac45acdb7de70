// When the guest sets up its network card. QEMU's user network takes connections long before that, asks the guest for each of them again and
// again, and forgets none: every one that was opened too early costs the guest a process of its SSH server later.
import { setTimeout as wait } from "node:timers/promises";
import * as z from "zod";
import type { Qmp } from "../machine/qmp.ts";

/** The network card of a machine, as far as it tells what the guest does with it: those of virtio do, as soon as it chooses what to receive. */
export interface NetworkCard {
  /**
   * Resolves to true when the guest has set the card up, at once where the card does not tell, and to false after a time in milliseconds:
   * a driver may leave the card as it is. Rejects with the signal's reason.
   */
  isUp(limitMs: number, signal: AbortSignal): Promise<boolean>;
}

/** Watches the card from now on. Never fails: a machine that ends before it answers has no card that tells. */
export async function watchCard(qmp: Qmp): Promise<NetworkCard> {
  const up = new Promise<true>((resolve) => {
    qmp.onEvent(({ event }) => {
      if (event === "NIC_RX_FILTER_CHANGED") resolve(true);
    });
  });
  const filters = z.array(z.unknown()).safeParse(await qmp.execute("query-rx-filter").catch(() => []));
  const tells = filters.success && filters.data.length > 0;
  return {
    async isUp(limitMs, signal) {
      if (!tells) return true;
      const done = new AbortController();
      try {
        return await Promise.race([up, wait(limitMs, false as const, { signal: AbortSignal.any([signal, done.signal]) })]);
      } finally {
        done.abort();
      }
    },
  };
}
