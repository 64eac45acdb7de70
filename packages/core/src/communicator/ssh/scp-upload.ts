import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Upload } from "../../sdk/communicator.ts";
import type { RunInfo } from "../../sdk/component.ts";
import { throwIfAborted } from "../abort.ts";
import { contentOf, type LocalEntry } from "../local-tree.ts";
import { quotePath, splitRemotePath } from "../remote-path.ts";
import { bytesOf } from "./byte-stream.ts";
import type { ChannelIo } from "./channel-io.ts";
import { expectAnswer, requireScpName, ScpComplaint, withScp } from "./scp.ts";
import type { SshSession } from "./session.ts";

/** Uploads one file by scp (row CON-07). scp wants the size first: content of unknown size goes through a temporary file. */
export async function scpUpload(session: SshSession, file: Upload, run: RunInfo): Promise<void> {
  if (file.sizeBytes === undefined) {
    await throughTemporaryFile(file, run, (known) => scpUpload(session, known, run));
    return;
  }
  const { folder, name } = splitRemotePath(file.path);
  const command = {
    // -d: the folder must be there. -p: modes as they are, without the umask.
    line: `scp -tpd ${quotePath(folder)}`,
    what: `could not upload ${file.path}`,
    signal: file.signal,
  };
  const sizeBytes = file.sizeBytes;
  await withScp(session, command, async (io) => {
    await expectAnswer(io);
    await sendFile(io, { name, mode: file.mode ?? 0o644, sizeBytes, content: file.content });
  });
}

/** Uploads a tree by scp (row CON-08); `folder` exists on the machine. */
export async function scpUploadTree(
  session: SshSession,
  tree: { readonly entries: AsyncIterable<LocalEntry>; readonly folder: string; readonly what: string; readonly signal: AbortSignal },
): Promise<void> {
  const command = { line: `scp -rtp ${quotePath(tree.folder)}`, what: tree.what, signal: tree.signal };
  await withScp(session, command, async (io) => {
    await expectAnswer(io);
    let inside: readonly string[] = [];
    for await (const entry of tree.entries) {
      const path = entry.path.split("/");
      const name = path.at(-1) ?? "";
      const parent = path.slice(0, -1);
      for (let depth = inside.length; depth > parent.length; depth--) await leave(io);
      inside = parent;
      if (entry.kind === "directory") {
        await record(io, "D", entry.mode, 0, name);
        inside = path;
      } else {
        await sendFile(io, { name, mode: entry.mode, sizeBytes: entry.sizeBytes, content: contentOf(entry) });
      }
    }
    for (let depth = inside.length; depth > 0; depth--) await leave(io);
  });
}

// --- internal ---

async function sendFile(
  io: ChannelIo,
  file: { readonly name: string; readonly mode: number; readonly sizeBytes: number; readonly content: Readable },
): Promise<void> {
  try {
    await record(io, "C", file.mode, file.sizeBytes, file.name);
    let left = file.sizeBytes;
    for await (const chunk of bytesOf(file.content)) {
      left -= chunk.length;
      if (left < 0) break;
      await io.write(chunk);
    }
    if (left !== 0) throw new ScpComplaint(`${file.name} does not have the ${file.sizeBytes} bytes that were announced`);
    await io.write("\0");
    await expectAnswer(io);
  } finally {
    file.content.destroy();
  }
}

async function record(io: ChannelIo, kind: "C" | "D", mode: number, sizeBytes: number, name: string): Promise<void> {
  requireScpName(name);
  await io.write(`${kind}${(mode & 0o7777).toString(8).padStart(4, "0")} ${sizeBytes} ${name}\n`);
  await expectAnswer(io);
}

async function leave(io: ChannelIo): Promise<void> {
  await io.write("E\n");
  await expectAnswer(io);
}

async function throughTemporaryFile(file: Upload, run: RunInfo, upload: (known: Upload) => Promise<void>): Promise<void> {
  throwIfAborted(file.signal);
  const folder = await mkdtemp(join(run.temporaryDirectory, "upload-"));
  try {
    const path = join(folder, "content");
    await pipeline(file.content, createWriteStream(path, { mode: 0o600 }), { signal: file.signal });
    const { size } = await stat(path);
    const content = createReadStream(path, { highWaterMark: 256 * 1024 });
    try {
      await upload({ ...file, content, sizeBytes: size });
    } finally {
      content.destroy();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
