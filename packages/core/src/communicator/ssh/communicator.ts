import type { Communicator } from "../../sdk/communicator.ts";
import type { RunInfo } from "../../sdk/component.ts";
import { cancellable } from "../abort.ts";
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
    upload: (file) => cancellable(file.signal, () => transfers.upload(file)),
    uploadDirectory: (transfer) => cancellable(transfer.signal, () => transfers.uploadDirectory(transfer)),
    download: (file) => cancellable(file.signal, () => transfers.download(file)),
    downloadDirectory: (transfer) => cancellable(transfer.signal, () => transfers.downloadDirectory(transfer)),
  };
}
