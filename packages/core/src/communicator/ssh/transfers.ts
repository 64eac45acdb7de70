import type { Writable } from "node:stream";
import { InternalError } from "../../diagnostics/error.ts";
import type { DirectoryTransfer, Upload } from "../../sdk/communicator.ts";
import type { RunInfo } from "../../sdk/component.ts";
import { scpUpload } from "./scp-upload.ts";
import type { SshSession } from "./session.ts";

/** Moves files and folders by the chosen method. */
export class Transfers {
  readonly #session: SshSession;
  readonly #method: "scp" | "sftp";
  readonly #run: RunInfo;

  constructor(session: SshSession, options: { readonly method: "scp" | "sftp"; readonly run: RunInfo }) {
    this.#session = session;
    this.#method = options.method;
    this.#run = options.run;
  }

  async upload(file: Upload): Promise<void> {
    try {
      await scpUpload(this.#session, file, this.#run);
    } finally {
      file.content.destroy();
    }
  }

  async uploadDirectory(_transfer: DirectoryTransfer): Promise<void> {
    throw new InternalError(`not yet: ${this.#method}`);
  }
  async download(_file: { readonly path: string; readonly content: Writable; readonly signal: AbortSignal }): Promise<void> {
    throw new InternalError("not yet");
  }
  async downloadDirectory(_transfer: DirectoryTransfer): Promise<void> {
    throw new InternalError("not yet");
  }
}
