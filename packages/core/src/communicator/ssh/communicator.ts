import type { Communicator } from "../../sdk/communicator.ts";
import type { RunInfo } from "../../sdk/component.ts";
import { execute } from "./exec.ts";
import type { SshSession } from "./session.ts";
import { Transfers } from "./transfers.ts";

/** The communicator over a pooled connection. All methods may run at the same time: each opens a channel of its own. */
export function sshCommunicator(
  session: SshSession,
  options: { readonly pty: boolean; readonly method: "scp" | "sftp"; readonly run: RunInfo },
): Communicator {
  const transfers = new Transfers(session, options);
  return {
    execute: (command) => execute(session, command, options),
    upload: (file) => transfers.upload(file),
    uploadDirectory: (transfer) => transfers.uploadDirectory(transfer),
    download: (file) => transfers.download(file),
    downloadDirectory: (transfer) => transfers.downloadDirectory(transfer),
  };
}
