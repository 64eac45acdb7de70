// Connects to the test's own WinRM server the way a builder does.
import { createServer, connect as dial, type Socket } from "node:net";
import { packerVariables, RecordingUi, runInfo, type WinrmServer } from "@tspack/test-support";
import type { Connection, ConnectRequest } from "../../../src/communicator/connect.ts";
import { communicatorOptions } from "../../../src/communicator/options.ts";
import { connectWinrm, type WinrmPace } from "../../../src/communicator/winrm/connect.ts";
import type { RunInfo } from "../../../src/sdk/component.ts";

/** A server on a busy machine may be silent for seconds: another connection is opened only where that is the point. */
export const quickPace: Partial<WinrmPace> = { unreachableMs: 20, refusedMs: 20, silentMs: 60_000 };

export interface ConnectChanges {
  readonly options?: { readonly [option: string]: unknown };
  readonly request?: Partial<ConnectRequest>;
  readonly environment?: RunInfo["environment"];
  readonly pace?: Partial<WinrmPace>;
}

type Server = Pick<WinrmServer, "host" | "port"> & Partial<WinrmServer>;

export function connectRequest(server: Server, changes: ConnectChanges = {}): ConnectRequest {
  const config = communicatorOptions().parse({
    communicator: "winrm",
    winrm_host: server.host,
    winrm_port: server.port,
    winrm_username: server.user ?? "vagrant",
    winrm_password: server.password ?? "vagrant",
    winrm_timeout: "20s",
    ...changes.options,
  });
  return {
    config,
    ui: new RecordingUi(),
    signal: new AbortController().signal,
    packer: packerVariables(),
    run: runInfo({ environment: { ...changes.environment } }),
    ...changes.request,
  };
}

export async function connectTo(server: Server, changes: ConnectChanges = {}): Promise<Connection> {
  return connectWinrm(connectRequest(server, changes), { ...quickPace, ...changes.pace });
}

/** A cable to a server that a test holds in its hands. Close it in `finally`. */
export interface Cable {
  readonly port: number;
  /** How many connections there were. */
  count(): number;
  /** From now on nothing arrives, on either side. */
  hold(): void;
  close(): void;
}

/** Lays a cable; `join` connects its two ends, in any way that it likes. */
export async function layCable(
  server: Pick<WinrmServer, "host" | "port">,
  join: (client: Socket, machine: Socket, number: number) => void = (client, machine) => client.pipe(machine).pipe(client),
  host = "127.0.0.1",
): Promise<Cable> {
  const ends: Socket[] = [];
  const listener = createServer((client) => {
    const machine = dial(server.port, server.host);
    ends.push(client, machine);
    for (const end of [client, machine]) end.on("error", () => {});
    client.once("close", () => machine.destroy());
    join(client, machine, ends.length / 2);
  });
  await new Promise<void>((resolve, reject) => listener.once("error", reject).listen(0, host, resolve));
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    count: () => ends.length / 2,
    hold: () => {
      for (const end of ends) end.unpipe();
    },
    close: () => {
      for (const end of ends) end.destroy();
      listener.close();
    },
  };
}
