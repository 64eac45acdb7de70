import type { Communicator } from "../../sdk/communicator.ts";
import type { RunInfo } from "../../sdk/component.ts";
import { download, downloadDirectory } from "./download.ts";
import { execute } from "./execute.ts";
import type { RemoteShells } from "./shells.ts";
import { upload, uploadDirectory } from "./upload.ts";

/** The communicator over WinRM. Commands and transfers may run at the same time; each has a shell of its own. */
export function winrmCommunicator(shells: RemoteShells, run: RunInfo): Communicator {
  return {
    execute: (command) => execute(shells, command),
    upload: (file) => upload(shells, file),
    uploadDirectory: (transfer) => uploadDirectory(shells, transfer, run),
    download: (file) => download(shells, file),
    downloadDirectory: (transfer) => downloadDirectory(shells, transfer, run),
  };
}
