// Contract of the communicator layer; see communicator/ssh for SSH itself.
import type { Communicator } from "../sdk/communicator.ts";
import type { PackerVariables, RunInfo } from "../sdk/component.ts";
import type { GeneratedData } from "../sdk/hook.ts";
import type { Ui } from "../sdk/ui.ts";
import type { CommunicatorConfig } from "./options.ts";

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
