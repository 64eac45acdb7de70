// Connects to the test's own WinRM server the way a builder does.
import { packerVariables, RecordingUi, runInfo, type WinrmServer } from "@tspack/test-support";
import type { Connection, ConnectRequest } from "../../../src/communicator/connect.ts";
import { communicatorOptions } from "../../../src/communicator/options.ts";
import { connectWinrm, type WinrmPace } from "../../../src/communicator/winrm/connect.ts";
import type { RunInfo } from "../../../src/sdk/component.ts";

export const quickPace: Partial<WinrmPace> = { unreachableMs: 20, refusedMs: 20 };

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
