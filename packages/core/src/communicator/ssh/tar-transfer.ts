// Folders as one stream of tar (beyond Packer, which transfers file by file): one command for any number of files.
import { readFileSync } from "node:fs";
import { readTar } from "../../archive/tar-reader.ts";
import { type TarEntry, writeTar } from "../../archive/tar-writer.ts";
import { CommunicatorError, errorText, isCancellation, TspackError } from "../../diagnostics/error.ts";
import type { LocalFolder } from "../local-folder.ts";
import { contentOf, type LocalEntry } from "../local-tree.ts";
import { quotePath } from "../remote-path.ts";
import { ChannelEnded, ChannelIo } from "./channel-io.ts";
import type { SshSession } from "./session.ts";
import { RequestWindow } from "./sftp.ts";

/** Files up to this size are read while earlier ones are on their way, so many at a time. */
const SMALL_FILE_BYTES = 64 * 1024;
const FILES_AHEAD = 32;

/** Whether a machine can unpack our streams; asked once per connection. */
export class RemoteTar {
  readonly #session: SshSession;
  #answer: boolean | undefined;

  constructor(session: SshSession) {
    this.#session = session;
  }

  /**
   * True for GNU tar from 1.27 on, which Linux distributions have. Others either lack the option that keeps a symbolic link to
   * a folder (`/lib` → `usr/lib`) from being replaced by a folder, or, as busybox, do not understand long names.
   */
  async isUsable(signal: AbortSignal): Promise<boolean> {
    if (this.#answer === undefined) {
      const io = new ChannelIo(await this.#session.exec("tar --version", signal), signal);
      try {
        io.end();
        const chunks: Buffer[] = [];
        for (let chunk = await io.read(4_096); chunk.length > 0; chunk = await io.read(4_096)) {
          if (chunks.length < 4) chunks.push(chunk);
        }
        const [, major, minor] = /GNU tar\)? (\d+)\.(\d+)/.exec(Buffer.concat(chunks).toString()) ?? [];
        const isThere = (await io.finish()) === 0;
        this.#answer = isThere && (Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 27));
      } finally {
        io.release();
      }
    }
    return this.#answer;
  }
}

/** Uploads a tree as one stream; makes `folder` when it is missing. Owners are the user who is logged in, times are now. */
export async function tarUploadTree(
  session: SshSession,
  tree: { readonly entries: AsyncIterable<LocalEntry>; readonly folder: string; readonly what: string; readonly signal: AbortSignal },
): Promise<void> {
  const folder = quotePath(tree.folder);
  // -o: owner is who unpacks. -p: modes without the umask. -m: times are now. -h with --overwrite: links that exist are
  // written through, as scp does, instead of being replaced.
  const command = `mkdir -p ${folder} && tar -xpomhf - --overwrite --keep-directory-symlink -C ${folder}`;
  await withTar(session, { command, accepted: [0], ...tree }, async (io) => {
    for await (const chunk of writeTar(readAhead(tree.entries))) await io.write(chunk);
    io.end();
  });
}

/** Downloads a tree as one stream. Symbolic links are followed, as scp does. */
export async function tarDownloadTree(
  session: SshSession,
  tree: {
    /** Where tar starts, and what of it is packed (`.` for everything). */
    readonly start: string;
    readonly member: string;
    readonly folder: LocalFolder;
    readonly what: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const command = `tar -chf - -C ${quotePath(tree.start)} -- ${quotePath(tree.member)}`;
  // 1 means that a file changed while it was read, as logs do; scp would not even notice.
  await withTar(session, { command, accepted: [0, 1], ...tree }, async (io) => {
    io.end();
    const files = new RequestWindow(FILES_AHEAD);
    for await (const member of readTar(incoming(io))) {
      const path = member.name.replace(/^(\.\/+)+/, "").replace(/\/+$/, "");
      if (path === "" || path === "." || tree.folder.excludes(path)) continue;
      if (member.type === "directory") {
        await tree.folder.makeFolder(path, member.mode);
      } else if (member.type === "hardlink") {
        await files.drain();
        await tree.folder.copyFile((member.linkName ?? "").replace(/^(\.\/+)+/, ""), path);
      } else if (member.type === "file" && member.sizeBytes <= SMALL_FILE_BYTES) {
        const content: Uint8Array[] = [];
        for await (const chunk of member.content) content.push(Buffer.from(chunk));
        await files.add(() => tree.folder.writeFile(path, member.mode, eachOf(content)));
      } else if (member.type === "file") {
        await tree.folder.writeFile(path, member.mode, member.content);
      }
      // Pipes and devices have no content to copy.
    }
    await files.drain();
  });
}

// --- internal ---

async function withTar(
  session: SshSession,
  task: { readonly command: string; readonly what: string; readonly accepted: readonly number[]; readonly signal: AbortSignal },
  talk: (io: ChannelIo) => Promise<void>,
): Promise<void> {
  const io = new ChannelIo(await session.exec(task.command, task.signal), task.signal);
  try {
    let failure: unknown;
    try {
      await talk(io);
    } catch (error) {
      // When tar gave up, its own words say more than that it ended too early.
      if (isCancellation(error) || !io.isAtEnd) throw error;
      failure = error;
    }
    const exitCode = await io.finish();
    if (!task.accepted.includes(exitCode)) {
      throw new CommunicatorError(io.errorText === "" ? `tar ended with exit code ${exitCode}` : io.errorText, { code: "TPK5005" });
    }
    if (failure !== undefined && !(failure instanceof ChannelEnded)) throw failure;
  } catch (error) {
    if (isCancellation(error)) throw error;
    const known = TspackError.is(error) ? error : undefined;
    const code = known?.code === "TPK5004" ? "TPK5004" : "TPK5005";
    throw new CommunicatorError(`${task.what}: ${errorText(error)}`, { code, hint: known?.hint, cause: error });
  } finally {
    io.release();
  }
}

async function* readAhead(entries: AsyncIterable<LocalEntry>): AsyncGenerator<TarEntry, void, undefined> {
  const ahead: Promise<TarEntry>[] = [];
  for await (const entry of entries) {
    const next = toTarEntry(entry);
    // Awaited when its turn comes, or never when something before it fails.
    next.catch(() => {});
    ahead.push(next);
    const first = ahead.length > FILES_AHEAD ? ahead.shift() : undefined;
    if (first !== undefined) yield await first;
  }
  for (const next of ahead) yield await next;
}

async function toTarEntry(entry: LocalEntry): Promise<TarEntry> {
  const common = { name: entry.path, mode: entry.mode, mtimeSeconds: entry.modifiedMs / 1000 };
  if (entry.kind === "directory") return { ...common, type: "directory" };
  if (entry.sizeBytes <= SMALL_FILE_BYTES) {
    // At once, not through the thread pool: four turns of it per file cost many times what the reading of so few bytes does.
    return { ...common, type: "file", content: readFileSync(entry.file) };
  }
  return {
    ...common,
    type: "file",
    sizeBytes: entry.sizeBytes,
    content: () => contentOf(entry),
  };
}

async function* incoming(io: ChannelIo): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const chunk = await io.read(256 * 1024);
    if (chunk.length === 0) return;
    yield chunk;
  }
}

async function* eachOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks;
}
