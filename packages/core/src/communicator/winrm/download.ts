// Downloads over WinRM (row CON-13; folders are ours, row CON-14): one PowerShell process sends a whole file or folder.
import { once } from "node:events";
import { resolve } from "node:path";
import { PassThrough, type Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { CommunicatorError } from "../../diagnostics/error.ts";
import type { DirectoryTransfer } from "../../sdk/communicator.ts";
import type { RunInfo } from "../../sdk/component.ts";
import { orAborted } from "../abort.ts";
import { LocalFolder } from "../local-folder.ts";
import { arrivalName, hasGlob } from "../remote-path.ts";
import { ArrivingLines, type FileReceiver } from "./file-lines.ts";
import { type DownloadKind, sendCommand } from "./scripts.ts";
import type { RemoteShells } from "./shells.ts";
import { runTransfer } from "./transfer.ts";

/** Downloads a file into `content`, and ends it. */
export async function download(
  shells: RemoteShells,
  { path, content, signal }: { readonly path: string; readonly content: Writable; readonly signal: AbortSignal },
): Promise<void> {
  const ended = finished(content, { readable: false, signal });
  ended.catch(() => {});
  try {
    const receiver: FileReceiver = {
      folder: () => Promise.reject(new CommunicatorError(`${path} is a folder`, { code: "TPK5005" })),
      begin: async () => {},
      data: (bytes) => write(content, bytes, ended),
      end: async () => {},
    };
    await receive(shells, { source: path, kind: "file", receiver, what: `could not download ${path}`, signal });
    content.end();
    await ended;
  } catch (error) {
    content.destroy();
    throw error;
  }
}

/** Downloads a folder, or what a pattern matches. */
export async function downloadDirectory(shells: RemoteShells, transfer: DirectoryTransfer, run: RunInfo): Promise<void> {
  const { source, destination, exclude = [], signal } = transfer;
  const isPattern = hasGlob(source);
  const name = isPattern ? "" : arrivalName(source.replaceAll("\\", "/"));
  const folder = new LocalFolder(resolve(run.workingDirectory, destination), { exclude, name });
  const files = new FolderReceiver(folder, signal);
  const kind: DownloadKind = isPattern ? "matches" : name === "" ? "contents" : "folder";
  const what = `could not download ${source}`;
  try {
    const count = await receive(shells, { source, kind, receiver: files, what, signal });
    if (isPattern && count === 0 && !files.hasFolder) throw new CommunicatorError(`${what}: nothing matches`, { code: "TPK5005" });
  } catch (error) {
    await files.abandon();
    throw error;
  }
  await folder.finish();
}

// --- internal ---

async function receive(
  shells: RemoteShells,
  task: {
    readonly source: string;
    readonly kind: DownloadKind;
    readonly receiver: FileReceiver;
    readonly what: string;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const lines = new ArrivingLines(task.receiver);
  const { what, signal } = task;
  await runTransfer(shells, {
    command: sendCommand(task.source, task.kind),
    onOutput: (bytes) => orAborted(lines.take(bytes), signal),
    what,
    signal,
  });
  if (lines.count === undefined) throw new CommunicatorError(`${what}: it did not arrive whole`, { code: "TPK5005" });
  return lines.count;
}

/** Writes with back-pressure; rejects when the stream fails. */
async function write(stream: Writable, bytes: Buffer, ended: Promise<void>): Promise<void> {
  if (stream.destroyed) await ended;
  if (stream.write(bytes)) return;
  await Promise.race([once(stream, "drain"), ended]);
}

/** Writes arriving files into a folder. */
class FolderReceiver implements FileReceiver {
  readonly #folder: LocalFolder;
  readonly #signal: AbortSignal;
  #current: { readonly content: PassThrough; readonly written: Promise<void> } | undefined;
  #isLeftOut = false;
  hasFolder = false;

  constructor(folder: LocalFolder, signal: AbortSignal) {
    this.#folder = folder;
    this.#signal = signal;
  }

  async folder(path: string): Promise<void> {
    this.hasFolder = true;
    if (!this.#folder.excludes(path)) await this.#folder.makeFolder(path, 0o755);
  }

  async begin(path: string): Promise<void> {
    this.#isLeftOut = this.#folder.excludes(path);
    if (this.#isLeftOut) return;
    const content = new PassThrough({ signal: this.#signal });
    content.on("error", () => {});
    const written = this.#folder.writeFile(path, 0o644, content);
    written.catch(() => content.destroy());
    this.#current = { content, written };
  }

  async data(bytes: Buffer): Promise<void> {
    const file = this.#current;
    if (this.#isLeftOut || file === undefined) return;
    if (file.content.destroyed) await file.written;
    if (!file.content.write(bytes)) await Promise.race([once(file.content, "drain"), file.written]);
  }

  async end(): Promise<void> {
    const file = this.#current;
    this.#current = undefined;
    file?.content.end();
    await file?.written;
  }

  async abandon(): Promise<void> {
    this.#current?.content.destroy();
    await this.#current?.written.catch(() => {});
  }
}
