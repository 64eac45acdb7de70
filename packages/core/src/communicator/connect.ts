// The communicator layer's front: how builders get into their machines. communicator/ssh has SSH itself, communicator/winrm WinRM.
import { CommunicatorError } from "../diagnostics/error.ts";
import type { Communicator } from "../sdk/communicator.ts";
import type { PackerVariables, RunInfo } from "../sdk/component.ts";
import type { GeneratedData } from "../sdk/hook.ts";
import type { Ui } from "../sdk/ui.ts";
import type { CommunicatorConfig } from "./options.ts";

/** What a builder knows of its machine when it connects. */
export interface ConnectRequest {
  readonly config: CommunicatorConfig;
  /** Where the machine is, when the builder found out; asked again on every attempt (row CON-03). */
  readonly address?: ((signal: AbortSignal) => Promise<{ readonly host: string; readonly port?: number }>) | undefined;
  /** A key the builder made for this machine (rows COM-12..14), PEM. */
  readonly temporaryPrivateKey?: string | undefined;
  readonly ui: Ui;
  readonly signal: AbortSignal;
  readonly packer: PackerVariables;
  readonly run: RunInfo;
}

/** A live connection. Whoever connected calls `close`, once, always. */
export interface Connection {
  readonly communicator: Communicator;
  /** `Host`, `Port`, `User`, `Password`, `ConnType`, `SSHPublicKey`, `SSHPrivateKey`, `SSHPrivateKeyFile`, `SSHAgentAuth`, `WinRMPassword` (rows GEN-02, 05..07). */
  readonly data: GeneratedData;
  close(): Promise<void>;
}

/**
 * Connects by the communicator that the options name. Throws `CommunicatorError` (TPK5001..5003) when that does not work out,
 * TPK5006 for a communicator that does not exist here, and a cancellation when the signal aborts.
 */
export async function connect(request: ConnectRequest): Promise<Connection> {
  switch (request.config.communicator) {
    case "ssh": {
      // Only here: what is behind this import loads the SSH library.
      const { connectSsh } = await import("./ssh/connect.ts");
      return connectSsh(request);
    }
    case "none": {
      const { noneCommunicator } = await import("./none.ts");
      return { communicator: noneCommunicator(), data: dataWithoutMachine(request.config), close: async () => {} };
    }
    case "winrm": {
      const { connectWinrm } = await import("./winrm/connect.ts");
      return connectWinrm(request);
    }
    default:
      throw new CommunicatorError(`there is no communicator ${JSON.stringify(request.config.communicator)}`, { code: "TPK5006" });
  }
}

// --- internal ---

function dataWithoutMachine(config: CommunicatorConfig): GeneratedData {
  return {
    Host: config.ssh_host ?? "",
    Port: config.ssh_port,
    User: config.ssh_username ?? "",
    Password: config.ssh_password ?? "",
    ConnType: "none",
    SSHPublicKey: "",
    SSHPrivateKey: "",
    SSHPrivateKeyFile: config.ssh_private_key_file ?? "",
    SSHAgentAuth: config.ssh_agent_auth,
    WinRMPassword: config.winrm_password ?? "",
  };
}
