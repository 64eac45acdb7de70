import { createReadStream, createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform, type Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { CommunicatorError, isCancellation } from "../../diagnostics/error.ts";
import type { Communicator, DirectoryTransfer } from "../../sdk/communicator.ts";
import { runInside } from "./command.ts";
import { excluder, targetOf } from "./directory-transfer.ts";
import { followedFiles } from "./followed-files.ts";
import { readListing, S_IFDIR, S_IFMT, S_IFREG } from "./listing.ts";
import type { Namespace } from "./namespace.ts";
import { LIST_SCRIPT, RECEIVE_SCRIPT, SEND_FILE_SCRIPT } from "./scripts.ts";

export interface ChrootOptions {
  readonly namespace: Namespace;
  /** The root inside the namespace. */
  readonly root: string;
  /** Environment of commands. */
  readonly environment: { readonly [name: string]: string };
}

/**
 * The way into a root file system that is mounted in a namespace: commands run in it by chroot(1), with `/bin/sh -c`. Files go
 * in and out through the namespace, so that links in them are followed inside the root alone. Commands and transfers may run at
 * the same time.
 */
export function chrootCommunicator({ namespace, root, environment }: ChrootOptions): Communicator {
  const { sh, chroot } = namespace.tools;
  /** Our own programs see the outer file system, and none of the user's environment. */
  const ownEnvironment = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
  const script = (text: string, args: readonly string[]) => namespace.enter([sh, "-c", text, "tspack", ...args]);

  /** Runs one of our scripts; its complaints become the error. */
  const runScript = async (
    what: string,
    command: readonly [string, ...string[]],
    streams: { readonly stdin?: Readable | undefined; readonly stdout?: Writable | undefined; readonly signal: AbortSignal },
  ): Promise<void> => {
    const complaints: Buffer[] = [];
    const stderr = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        if (complaints.length < 20) complaints.push(chunk);
        done();
      },
    });
    const exitCode = await runInside({ command, environment: ownEnvironment, stderr, ...streams });
    if (exitCode === 0) return;
    const reason = Buffer.concat(complaints).toString().trim();
    throw new CommunicatorError(`${what}: ${reason === "" ? `exit code ${exitCode}` : reason}`, {
      code: "TPK5005",
      hint: spaceHint(reason),
    });
  };

  return {
    async execute({ command, stdin, stdout, stderr, signal }) {
      const inside = namespace.enter([chroot, root, "/bin/sh", "-c", command]);
      return { exitCode: await runInside({ command: inside, environment, stdin, stdout, stderr, signal }) };
    },

    async upload({ path, content, sizeBytes, mode, signal }) {
      refuseLineBreak(path);
      let sentBytes = 0;
      const records = async function* () {
        yield Buffer.from(`R\n${modeText(mode ?? 0o644)}\n${path}\n`);
        for await (const chunk of content) {
          sentBytes += chunk.length;
          yield chunk;
        }
      };
      const failure = watch(content);
      try {
        await runScript(`could not upload ${path}`, script(RECEIVE_SCRIPT, [root]), { stdin: Readable.from(records()), signal });
      } finally {
        content.destroy();
      }
      const broken = failure();
      if (broken !== undefined) throw new CommunicatorError(`could not upload ${path}`, { code: "TPK5005", cause: broken });
      if (sizeBytes !== undefined && sizeBytes !== sentBytes) {
        throw new CommunicatorError(`could not upload ${path}: ${sentBytes} bytes came, ${sizeBytes} were announced`, { code: "TPK5005" });
      }
    },

    async uploadDirectory(transfer) {
      const target = targetOf(transfer);
      const stdin = Readable.from(directoryRecords(transfer, target));
      const failure = watch(stdin);
      await runScript(`could not upload ${transfer.source}`, script(RECEIVE_SCRIPT, [root]), { stdin, signal: transfer.signal });
      const broken = failure();
      if (broken !== undefined) {
        throw new CommunicatorError(`could not upload ${transfer.source}`, { code: "TPK5005", cause: broken });
      }
    },

    async download({ path, content, signal }) {
      try {
        await runScript(`could not download ${path}`, script(SEND_FILE_SCRIPT, [root, path]), { stdout: content, signal });
        content.end();
        await finished(content);
      } catch (error) {
        content.destroy();
        throw error;
      }
    },

    async downloadDirectory(transfer) {
      const target = targetOf(transfer);
      const { source, exclude, signal } = transfer;
      const listing = new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) });
      const stop = new AbortController();
      const listed = runScript(`could not download ${source}`, script(LIST_SCRIPT, [root, source, "follow", "", ""]), {
        stdout: listing,
        signal: AbortSignal.any([signal, stop.signal]),
      }).finally(() => listing.end());
      const saved = saveListing(listing, target, excluder(exclude), signal);
      // Whichever fails first says why; the other one is a consequence.
      await Promise.all([listed, saved.catch((error: unknown) => listed.then(() => Promise.reject(error)))]).finally(() => stop.abort());
    },
  };
}

async function saveListing(listing: Readable, target: string, isExcluded: (path: string) => boolean, signal: AbortSignal): Promise<void> {
  await mkdir(target, { recursive: true });
  for await (const entry of readListing(listing, { withContents: true })) {
    if (entry.kind !== "entry" || isExcluded(entry.path)) continue;
    const file = join(target, entry.path);
    const type = entry.mode & S_IFMT;
    if (type === S_IFDIR) await mkdir(file, { recursive: true });
    if (type === S_IFREG && entry.content !== undefined) {
      await pipeline(entry.content, createWriteStream(file, { mode: entry.mode & 0o777 }), { signal });
    }
  }
}

/** The records that put a folder of this machine into a root. Links are followed, as scp does (row CON-08). */
async function* directoryRecords({ source, exclude }: DirectoryTransfer, target: string): AsyncGenerator<Uint8Array, void, undefined> {
  const isExcluded = excluder(exclude);
  refuseLineBreak(target);
  yield Buffer.from(`M\n${target}\n`);
  for await (const { path, file, stats } of followedFiles(source, isExcluded)) {
    const inside = `${target}/${path}`;
    refuseLineBreak(inside);
    if (stats.isDirectory()) {
      yield Buffer.from(`D\n${modeText(stats.mode)}\n${inside}\n`);
      continue;
    }
    yield Buffer.from(`F\n${modeText(stats.mode)}\n${stats.size}\n${inside}\n`);
    let sent = 0;
    for await (const chunk of createReadStream(file)) {
      sent += chunk.length;
      yield chunk;
    }
    if (sent !== stats.size) throw new CommunicatorError(`${file} changed while it was uploaded`, { code: "TPK5005" });
  }
}

/** Remembers what broke a stream that something else reads. */
function watch(stream: Readable): () => Error | undefined {
  let failure: Error | undefined;
  stream.on("error", (error) => {
    if (!isCancellation(error)) failure = error;
  });
  return () => failure;
}

function modeText(mode: number): string {
  return (mode & 0o7777).toString(8);
}

function refuseLineBreak(path: string): void {
  if (!path.includes("\n")) return;
  throw new CommunicatorError(`a path with a line break cannot be transferred: ${JSON.stringify(path)}`, { code: "TPK5005" });
}

function spaceHint(reason: string): string | undefined {
  return /no space left/i.test(reason) ? "Make room on the disk that the temporary folder (TMPDIR) is on." : undefined;
}
