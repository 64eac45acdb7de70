// Ports of this host: one that leads to the guest, and the one of the VNC server (rows QM-127 to QM-130, QM-196).
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { BuildError, CancelledError } from "@tspack/core/sdk";
import * as z from "zod";
import { NETWORK } from "../command-line/defaults.ts";
import type { Qmp } from "../machine/qmp.ts";
import type { QemuOptions } from "../options.ts";

/** A range of ports. The upper bound belongs to it only when it is also the lower one, as in Packer (row QM-52). */
export interface PortRange {
  readonly min: number;
  readonly max: number;
}

/** The ports of this host that may lead to the guest (rows QM-52, QM-53). The old names count for more, and 0 means not given. */
export function hostPorts({ host_port_min, host_port_max, ssh_host_port_min, ssh_host_port_max }: QemuOptions): PortRange {
  return { min: ssh_host_port_min || host_port_min || 2222, max: ssh_host_port_max || host_port_max || 4444 };
}

/**
 * Lets a running QEMU forward a free port of this host to the guest, and resolves to that port. QEMU binds it itself, so nobody can
 * come between. Throws a `BuildError` that names the range when all are taken.
 */
export async function addForward(qmp: Qmp, range: PortRange, guestPort: number, signal: AbortSignal): Promise<number> {
  const found = await findPort(range, signal, async (hostPort) => {
    const command = `hostfwd_add ${NETWORK} tcp:127.0.0.1:${hostPort}-:${guestPort}`;
    const answer = z.string().parse(await qmp.execute("human-monitor-command", { "command-line": command }));
    const said = answer.trim();
    if (said !== "" && !/could not set up host forwarding/i.test(said)) {
      throw new BuildError(`QEMU forwards no port to the machine: ${said}`);
    }
    return said === "";
  });
  if (found === undefined) throw exhausted(range);
  return found;
}

/**
 * A port that is free now. Somebody may take it before QEMU does, so whoever uses it is prepared to choose again. Throws a `BuildError` that
 * names the range when all are taken.
 */
export async function freePort(range: PortRange, signal: AbortSignal): Promise<number> {
  const found = await findPort(range, signal, canBind);
  if (found === undefined) throw exhausted(range);
  return found;
}

/** Where a VNC server listens. */
export interface VncAddress {
  readonly host: string;
  readonly port: number;
}

/** Where QEMU's VNC server is reached from this host; undefined when it has none, or words of the user's gave it a socket file. */
export async function vncAddress(qmp: Qmp): Promise<VncAddress | undefined> {
  const { enabled, host = "", service = "" } = vncSchema.parse(await qmp.execute("query-vnc"));
  if (!enabled || !/^\d+$/.test(service)) return undefined;
  return { host: { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host, port: Number(service) };
}

/** The address as viewers take it. */
export function vncUrl({ host, port }: VncAddress): string {
  return `vnc://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

// --- internal ---

/** The ports of a range, beginning at a random one: builds that start together seldom meet. */
function portsOf({ min, max }: PortRange): readonly number[] {
  const count = Math.max(1, max - min);
  const start = Math.floor(Math.random() * count);
  return Array.from({ length: count }, (_, index) => min + ((start + index) % count));
}

const vncSchema = z.object({ enabled: z.boolean(), host: z.string().optional(), service: z.string().optional() });

/** A port is taken for a moment while another build looks whether it is free: a range is gone through so often, with pauses of so many milliseconds. */
const ROUNDS = 3;
const PAUSE_MS = 100;

/** The first port of the range that can be had; undefined when none can. */
async function findPort(range: PortRange, signal: AbortSignal, canHave: (port: number) => Promise<boolean>): Promise<number | undefined> {
  for (let round = 1; ; round++) {
    for (const port of portsOf(range)) {
      if (signal.aborted) throw new CancelledError();
      if (await canHave(port)) return port;
    }
    if (round === ROUNDS) return undefined;
    await wait(PAUSE_MS, undefined, { signal }).catch((cause: unknown) => {
      throw new CancelledError("cancelled", { cause });
    });
  }
}

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function exhausted({ min, max }: PortRange): BuildError {
  return new BuildError(`no port of this host between ${min} and ${max} is free for reaching the machine`, {
    option: "host_port_max",
    hint: "choose another range with host_port_min and host_port_max",
  });
}
