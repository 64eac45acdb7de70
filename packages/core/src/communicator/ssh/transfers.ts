import { resolve } from "node:path";
import type { Writable } from "node:stream";
import { CommunicatorError } from "../../diagnostics/error.ts";
import type { DirectoryTransfer, Upload } from "../../sdk/communicator.ts";
import type { RunInfo } from "../../sdk/component.ts";
import { LocalFolder } from "../local-folder.ts";
import { walkLocalTree } from "../local-tree.ts";
import { arrivalName, hasGlob, quotePath, splitRemotePath } from "../remote-path.ts";
import { ChannelIo } from "./channel-io.ts";
import { scpDownload, scpDownloadTree } from "./scp-download.ts";
import { scpUpload, scpUploadTree } from "./scp-upload.ts";
import type { SshSession } from "./session.ts";
import { sftpDownload, sftpDownloadTree, sftpUpload, sftpUploadTree } from "./sftp-transfer.ts";
import { RemoteTar, tarDownloadTree, tarUploadTree } from "./tar-transfer.ts";

/** Moves files and folders: files by the chosen method (row COM-33), folders as one tar stream where the machine can, else by that method. */
export class Transfers {
  readonly #session: SshSession;
  readonly #method: "scp" | "sftp";
  readonly #run: RunInfo;
  readonly #tar: RemoteTar;

  constructor(session: SshSession, options: { readonly method: "scp" | "sftp"; readonly run: RunInfo }) {
    this.#session = session;
    this.#method = options.method;
    this.#run = options.run;
    this.#tar = new RemoteTar(session);
  }

  async upload(file: Upload): Promise<void> {
    try {
      if (this.#method === "sftp") await sftpUpload(this.#session, file);
      else await scpUpload(this.#session, file, this.#run);
    } finally {
      file.content.destroy();
    }
  }

  async download(file: { readonly path: string; readonly content: Writable; readonly signal: AbortSignal }): Promise<void> {
    try {
      if (this.#method === "sftp") await sftpDownload(this.#session, file);
      else await scpDownload(this.#session, file);
    } catch (error) {
      file.content.destroy();
      throw error;
    }
  }

  async uploadDirectory({ source, destination, exclude = [], signal }: DirectoryTransfer): Promise<void> {
    const tree = {
      entries: walkLocalTree({ source: resolve(this.#run.workingDirectory, source), name: arrivalName(source), exclude, signal }),
      folder: destination === "" ? "." : destination,
      what: `could not upload ${source}`,
      signal,
    };
    if (await this.#tar.isUsable(signal)) {
      await tarUploadTree(this.#session, tree);
    } else if (this.#method === "sftp") {
      await sftpUploadTree(this.#session, tree);
    } else {
      await this.#makeRemoteFolder(tree);
      await scpUploadTree(this.#session, tree);
    }
  }

  async downloadDirectory({ source, destination, exclude = [], signal }: DirectoryTransfer): Promise<void> {
    const isGlob = hasGlob(source);
    const name = isGlob ? "" : arrivalName(source);
    const folder = new LocalFolder(resolve(this.#run.workingDirectory, destination), { exclude, name });
    const tree = { folder, what: `could not download ${source}`, signal };
    // Only a shell expands patterns, and scp is what has one behind it without any more of a command.
    if (isGlob) {
      await scpDownloadTree(this.#session, { source, contentsOnly: false, ...tree });
    } else if (await this.#tar.isUsable(signal)) {
      const { folder: parent } = splitRemotePath(source);
      await tarDownloadTree(this.#session, { start: name === "" ? source : parent, member: name === "" ? "." : name, ...tree });
    } else if (this.#method === "sftp") {
      await sftpDownloadTree(this.#session, { source, name, ...tree });
    } else {
      await scpDownloadTree(this.#session, { source, contentsOnly: name === "", ...tree });
    }
    await folder.finish();
  }

  async #makeRemoteFolder(tree: { readonly folder: string; readonly what: string; readonly signal: AbortSignal }): Promise<void> {
    const io = new ChannelIo(await this.#session.exec(`mkdir -p ${quotePath(tree.folder)}`, tree.signal), tree.signal);
    try {
      io.end();
      const exitCode = await io.finish();
      if (exitCode !== 0)
        throw new CommunicatorError(`${tree.what}: ${io.errorText || `mkdir ended with exit code ${exitCode}`}`, { code: "TPK5005" });
    } finally {
      io.release();
    }
  }
}
