// Where a guest on a bridge of this host is (rows QM-134, QM-135).
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { NETWORK } from "../command-line/defaults.ts";
import type { Qmp } from "../machine/qmp.ts";

/** The hardware address of the card that is connected to the builder's network; undefined when no card is. */
export async function macAddress(qmp: Qmp): Promise<string | undefined> {
  for (const path of ["/machine/peripheral", "/machine/peripheral-anon"]) {
    const children = listSchema.parse(await qmp.execute("qom-list", { path }));
    for (const { name, type } of children) {
      if (!type.startsWith("child<")) continue;
      const device = `${path}/${name}`;
      const properties = listSchema.parse(await qmp.execute("qom-list", { path: device })).map((property) => property.name);
      if (!properties.includes("netdev") || !properties.includes("mac")) continue;
      if ((await qmp.execute("qom-get", { path: device, property: "netdev" })) !== NETWORK) continue;
      return z.string().parse(await qmp.execute("qom-get", { path: device, property: "mac" }));
    }
  }
  return undefined;
}

/** The address that this host has learnt for a card behind a bridge; undefined as long as there is none (Linux). */
export async function learntAddress(mac: string, bridge: string): Promise<string | undefined> {
  return findInTable(await readFile("/proc/net/arp", "utf8"), mac, bridge);
}

// --- internal ---

/** Looks through the text of Linux's /proc/net/arp: complete entries only. */
function findInTable(table: string, mac: string, bridge: string): string | undefined {
  for (const line of table.split("\n").slice(1)) {
    const [address, , flags, hardware, , device] = line.trim().split(/\s+/);
    if (hardware?.toLowerCase() === mac.toLowerCase() && device === bridge && (Number(flags) & COMPLETE) !== 0) return address;
  }
  return undefined;
}

/** ATF_COM of Linux's if_arp.h. */
const COMPLETE = 2;

const listSchema = z.array(z.object({ name: z.string(), type: z.string() }));
