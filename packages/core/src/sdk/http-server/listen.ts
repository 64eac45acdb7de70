import { randomInt } from "node:crypto";
import { once } from "node:events";
import type { Server } from "node:net";
import { resolve } from "node:path";
import { BuildError, CancelledError, errorText } from "../../diagnostics/error.ts";

/** Where a server is to listen. */
export interface ListenOptions {
  readonly protocol: "tcp" | "tcp4" | "tcp6" | "unix";
  /** Address to bind, or the beginning of a socket file's path. */
  readonly address: string;
  readonly min: number;
  /** Not tried itself, unless it is `min` (row HTTP-03). */
  readonly max: number;
  readonly workingDirectory: string;
  readonly signal: AbortSignal;
}

/**
 * Lets a server listen on a free port of a range and returns the port. Starts at a random one, so that builds side by side seldom meet; binding
 * itself decides who gets a port, so there is no race. Throws `BuildError` (TPK6008) when all are taken, or the address cannot be bound.
 */
export async function listenInRange(server: Server, options: ListenOptions): Promise<number> {
  const { min, max, address, signal } = options;
  const count = Math.max(1, max - min);
  const start = randomInt(count);
  for (let tried = 0; tried < count; tried++) {
    if (signal.aborted) throw new CancelledError();
    const port = min + ((start + tried) % count);
    try {
      await listenOn(server, port, options);
      return port;
    } catch (error) {
      if (isTaken(error)) continue;
      throw new BuildError(`the HTTP server cannot listen on ${address}: ${errorText(error)}`, {
        code: "TPK6008",
        option: "http_bind_address",
        hint: "Set http_bind_address to an address of this machine.",
        cause: error,
      });
    }
  }
  const range = count === 1 ? `port ${min} is` : `all ports from ${min} to ${max - 1} are`;
  throw new BuildError(`no port for the HTTP server: ${range} in use on ${address}, or not allowed`, {
    code: "TPK6008",
    option: "http_port_max",
    hint: "Widen the range with http_port_min and http_port_max.",
  });
}

// --- internal ---

async function listenOn(server: Server, port: number, { protocol, address, workingDirectory }: ListenOptions): Promise<void> {
  // The address of a socket file ends in the port, which tells servers side by side apart.
  if (protocol === "unix") server.listen(resolve(workingDirectory, `${address}:${port}`));
  else server.listen({ port, host: address, exclusive: true, ipv6Only: protocol === "tcp6" });
  await once(server, "listening");
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EADDRINUSE" || error.code === "EACCES");
}
