// The address of a guest on a bridge, as its agent tells it (rows QM-134, QM-194).
import { isIPv4 } from "node:net";
import { isCancellation } from "@tspack/core/sdk";
import * as z from "zod";
import type { GuestAgent } from "../agent/agent.ts";

/**
 * The IPv4 address that a guest has given the card with this hardware address; undefined as long as it has none, and where no agent answers at
 * once. Rejects with a cancellation on abort.
 */
export async function toldAddress(agent: GuestAgent | undefined, mac: string, signal: AbortSignal): Promise<string | undefined> {
  if (agent?.isThere() !== true) return undefined;
  try {
    const answer = await agent.ask("guest-network-get-interfaces", { limitMs: ANSWER_MS, listenMs: ANSWER_MS, signal });
    return addressIn(interfacesSchema.parse(answer), mac);
  } catch (error) {
    if (isCancellation(error)) throw error;
    // It is asked again, and is not the only one that may know.
    return undefined;
  }
}

// --- internal ---

/** The way over this host's own table should not have to wait for an agent that says nothing. */
const ANSWER_MS = 2_000;

const interfacesSchema = z.array(
  z.object({
    "hardware-address": z.string().optional(),
    "ip-addresses": z.array(z.object({ "ip-address": z.string() })).optional(),
  }),
);

function addressIn(interfaces: z.output<typeof interfacesSchema>, mac: string): string | undefined {
  return interfaces
    .filter((card) => card["hardware-address"]?.toLowerCase() === mac.toLowerCase())
    .flatMap((card) => card["ip-addresses"] ?? [])
    .map((entry) => entry["ip-address"])
    .find(isReachable);
}

/** Not one that every machine has, nor one that it made up because nobody gave it any. */
function isReachable(address: string): boolean {
  return isIPv4(address) && !/^(0|127|169\.254)\./.test(address);
}
