import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CommunicatorError } from "../../diagnostics/error.ts";
import type { LocalFolder } from "../local-folder.ts";
import { quotePath } from "../remote-path.ts";
import { ChannelEnded, type ChannelIo } from "./channel-io.ts";
import { expectAnswer, requireScpName, ScpComplaint, withScp } from "./scp.ts";
import type { SshSession } from "./session.ts";

/** Downloads one file by scp. */
export async function scpDownload(
  session: SshSession,
  file: { readonly path: string; readonly content: Writable; readonly signal: AbortSignal },
): Promise<void> {
  const command = { line: `scp -f ${quotePath(file.path)}`, what: `could not download ${file.path}`, signal: file.signal };
  await withScp(session, command, async (io) => {
    await io.write("\0");
    const record = await nextRecord(io);
    if (record === undefined) throw new ChannelEnded();
    if (record.kind !== "C") throw new ScpComplaint("it is not a file");
    await io.write("\0");
    await pipeline(content(io, record.sizeBytes), file.content, { signal: file.signal });
    await expectAnswer(io);
    await io.write("\0");
  });
}

/** Downloads a tree by scp (row CON-10); the machine's shell expands `*`, `?` and `[…]` in `source`. */
export async function scpDownloadTree(
  session: SshSession,
  tree: {
    readonly source: string;
    /** Leave out the folder itself: only its contents arrive. */
    readonly contentsOnly: boolean;
    readonly folder: LocalFolder;
    readonly what: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const command = { line: `scp -rf ${quotePath(tree.source, { keepGlobs: true })}`, what: tree.what, signal: tree.signal };
  await withScp(session, command, async (io) => {
    await io.write("\0");
    const inside: string[] = [];
    for (let record = await nextRecord(io); record !== undefined; record = await nextRecord(io)) {
      if (record.kind === "E") {
        inside.pop();
        await io.write("\0");
        continue;
      }
      const path = [...inside, record.name].slice(tree.contentsOnly ? 1 : 0).join("/");
      const isWanted = path !== "" && !tree.folder.excludes(path);
      await io.write("\0");
      if (record.kind === "D") {
        inside.push(record.name);
        if (isWanted) await tree.folder.makeFolder(path, record.mode);
        continue;
      }
      if (isWanted) await tree.folder.writeFile(path, record.mode, content(io, record.sizeBytes));
      else for await (const _ of content(io, record.sizeBytes));
      await expectAnswer(io);
      await io.write("\0");
    }
  });
}

// --- internal ---

type ScpRecord =
  | { readonly kind: "C" | "D"; readonly mode: number; readonly sizeBytes: number; readonly name: string }
  | { readonly kind: "E" };

/** The next record; undefined when the other side has no more. Throws its complaint. */
async function nextRecord(io: ChannelIo): Promise<ScpRecord | undefined> {
  for (;;) {
    const first = await io.read(1);
    if (first.length === 0) return undefined;
    const line = await io.line();
    switch (first.toString("latin1")) {
      case "\x01":
      case "\x02":
        throw new ScpComplaint(line);
      case "T":
        await io.write("\0");
        continue;
      case "E":
        return { kind: "E" };
      case "C":
      case "D": {
        const [, mode, size, name = ""] = /^(\d{4,5}) (\d+) (.+)$/.exec(line) ?? [];
        requireScpName(name);
        return { kind: first[0] === 0x43 ? "C" : "D", mode: Number.parseInt(mode ?? "", 8), sizeBytes: Number(size), name };
      }
      default:
        throw new CommunicatorError("the machine does not speak the scp protocol", { code: "TPK5005" });
    }
  }
}

async function* content(io: ChannelIo, sizeBytes: number): AsyncGenerator<Buffer, void, undefined> {
  let left = sizeBytes;
  while (left > 0) {
    const chunk = await io.read(Math.min(left, 256 * 1024));
    if (chunk.length === 0) throw new ChannelEnded();
    left -= chunk.length;
    yield chunk;
  }
}
