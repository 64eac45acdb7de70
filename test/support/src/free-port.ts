// Ports for servers that a test starts a moment later.
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

/** A TCP port of 127.0.0.1 that nobody listens on, and that nobody gets who does not ask for just this one. */
export async function freePort(): Promise<number> {
  return freePorts(1);
}

/** The first of so many such ports in a row. */
export async function freePorts(count: number): Promise<number> {
  const end = firstEphemeralPort();
  for (;;) {
    const first = FIRST + Math.floor(Math.random() * (end - FIRST - count));
    const row = Array.from({ length: count }, (_, index) => first + index);
    if (row.some((port) => given.has(port)) || !(await Promise.all(row.map(isFree))).every((free) => free)) continue;
    for (const port of row) given.add(port);
    return first;
  }
}

// --- internal ---

/** Behind the ports that virtual machines, their screens and web servers are given by default. */
const FIRST = 10_000;
/** Where Linux begins unless told otherwise. */
const USUAL_EPHEMERAL = 32_768;
/** What this process has been given is not given again: the server may not have started yet, or is to stay away. */
const given = new Set<number>();

/**
 * The system gives ports from here on to whoever connects or listens without naming one, which every process does all the time: one that
 * is found free there may be taken before it is used.
 */
function firstEphemeralPort(): number {
  let first = USUAL_EPHEMERAL;
  try {
    first = Number.parseInt(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8"), 10);
  } catch {
    // Not Linux.
  }
  return first > FIRST + 5_000 ? first : USUAL_EPHEMERAL;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
