// What shows that a guest on QEMU's user network gets or sends something. QEMU counts no bytes there. It lists the connections, and counts
// the packets of virtio's cards. What we send ourselves, while we wait for the guest to listen, must not count.
import * as z from "zod";
import type { Qmp } from "../machine/qmp.ts";

/**
 * Changes when the guest opens or closes a TCP connection, and with a virtio card while anything moves as long as it has one; empty when
 * it has none. A machine that is gone, and one on a bridge, has none. Never fails.
 */
export async function guestTraffic(qmp: Qmp): Promise<string> {
  const answer = z.string().safeParse(await qmp.execute("human-monitor-command", { "command-line": "info usernet" }).catch(() => ""));
  const connections = guestConnections(answer.data ?? "");
  return connections.length === 0 ? "" : [...connections, ...(await packets(qmp))].join("\n");
}

// --- internal ---

/**
 * The connections that the guest has opened. Those to it, ours, lead where a port is forwarded to. Other protocols are left out: they are
 * listed with the seconds until they are forgotten.
 */
function guestConnections(listed: string): readonly string[] {
  const lines = listed.split(/\r?\n/).map((line) => line.trim().replace(/ +/g, " "));
  // Protocol and state, file descriptor, where from, and where to.
  const parts = lines.flatMap((line) => {
    const [, state, to] = /^TCP\[(\w+)\] \S+ \S+ \S+ (\S+ \S+)/.exec(line) ?? [];
    return state === undefined || to === undefined ? [] : [{ line, state, to }];
  });
  const forwarded = new Set(parts.flatMap(({ state, to }) => (state === "HOST_FORWARD" ? [to] : [])));
  return parts.filter(({ to }) => !forwarded.has(to)).map(({ line }) => line);
}

/** How many packets went through the queues of virtio's cards, as far as this QEMU tells (7.2 and later). */
async function packets(qmp: Qmp): Promise<readonly number[]> {
  try {
    const devices = devicesSchema.parse(await qmp.execute("x-query-virtio"));
    const counts: number[] = [];
    for (const { path } of devices.filter(({ name }) => name === "virtio-net")) {
      for (const queue of [RECEIVE, SEND]) {
        const status = await qmp.execute("x-query-virtio-queue-status", { path, queue });
        counts.push(statusSchema.parse(status)["used-idx"]);
      }
    }
    return counts;
  } catch {
    // Another card, or another QEMU: the connections alone are seen.
    return [];
  }
}

/** Numbers of the first pair of queues (virtio 1.1 §5.1.2). */
const RECEIVE = 0;
const SEND = 1;

const devicesSchema = z.array(z.object({ name: z.string(), path: z.string() }));
const statusSchema = z.object({ "used-idx": z.number() });
