import { createReadStream, createWriteStream } from "node:fs";
import { chmod, copyFile, cp, mkdir, readdir, stat } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CancelledError, CommunicatorError } from "../../diagnostics/error.ts";
import type { Communicator, DirectoryTransfer, RemoteCommand, Upload } from "../communicator.ts";
import { startProcessGroup } from "../process-group.ts";

/**
 * A communicator for tests whose machine is a folder of this one: commands run in `/bin/sh` with `root` as working directory, and
 * relative paths start there. Nothing keeps a command from leaving it, so give it no paths that begin with a slash.
 */
export function localCommunicator(root: string): Communicator {
  const at = (path: string) => resolve(root, path);
  return {
    execute: (command) => execute(command, root),
    upload: (file) => upload(file, at(file.path)),
    uploadDirectory: (transfer) => uploadTree(transfer, at(transfer.destination)),
    async download({ path, content, signal }) {
      await failing(signal, `could not download ${path}`, () => pipeline(createReadStream(at(path)), content, { signal }));
    },
    downloadDirectory: (transfer) => downloadTree(transfer, at(transfer.source)),
  };
}

// --- internal ---

async function execute({ command, stdin, stdout, stderr, signal }: RemoteCommand, root: string): Promise<{ exitCode: number }> {
  if (signal.aborted) throw new CancelledError();
  const { child, stop } = startProcessGroup(["/bin/sh", "-c", command], { env: process.env, cwd: root, hasInput: stdin !== undefined });
  const pump = (from: NodeJS.ReadableStream | null, to: Writable | undefined) => {
    if (to === undefined) from?.resume();
    else from?.pipe(to, { end: false });
  };
  pump(child.stdout, stdout);
  pump(child.stderr, stderr);
  if (stdin !== undefined && child.stdin !== null) pipeline(stdin, child.stdin).catch(() => undefined);
  return new Promise((fulfil, reject) => {
    const abort = () => {
      stop().then(() => reject(new CancelledError()), reject);
    };
    signal.addEventListener("abort", abort, { once: true });
    child.once("error", (cause) => reject(new CommunicatorError("could not start a shell", { cause })));
    child.once("close", (code) => {
      stdin?.destroy();
      if (signal.aborted) return;
      signal.removeEventListener("abort", abort);
      fulfil({ exitCode: code ?? 137 });
    });
  });
}

async function upload({ path, content, mode, signal }: Upload, to: string): Promise<void> {
  await failing(signal, `could not upload ${path}`, async () => {
    await pipeline(content, createWriteStream(to), { signal });
    await chmod(to, mode ?? 0o644);
  });
}

/** rsync's rule: a trailing slash on the source means its contents. */
function arrivesAt(source: string, destination: string): string {
  return source.endsWith("/") ? destination : join(destination, basename(source));
}

async function uploadTree({ source, exclude = [], signal }: DirectoryTransfer, destination: string): Promise<void> {
  const left = namesOf(exclude);
  const copy = async (from: string, to: string, name: string): Promise<void> => {
    signal.throwIfAborted();
    if (left.has(name)) return;
    const found = await stat(from);
    if (found.isDirectory()) {
      await mkdir(to, { recursive: true });
      for (const entry of await readdir(from)) await copy(join(from, entry), join(to, entry), join(name, entry));
    } else await copyFile(from, to);
    await chmod(to, found.mode & 0o7777);
  };
  await failing(signal, `could not upload ${source}`, () => copy(source, arrivesAt(source, destination), ""));
}

async function downloadTree({ source, destination, exclude = [], signal }: DirectoryTransfer, from: string): Promise<void> {
  await failing(signal, `could not download ${source}`, async () => {
    const to = arrivesAt(source, destination);
    await mkdir(to, { recursive: true });
    const left = namesOf(exclude);
    await cp(from, to, { recursive: true, filter: (path) => !left.has(relative(from, path)) });
  });
}

/** Excluded paths, which may be written with a slash at their end. */
function namesOf(exclude: readonly string[]): ReadonlySet<string> {
  return new Set(exclude.map((path) => path.replace(/\/+$/, "")));
}

async function failing(signal: AbortSignal, message: string, run: () => Promise<void>): Promise<void> {
  try {
    signal.throwIfAborted();
    await run();
  } catch (cause) {
    if (signal.aborted) throw new CancelledError("cancelled", { cause });
    throw new CommunicatorError(message, { code: "TPK5005", cause });
  }
}
