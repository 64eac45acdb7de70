import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Upload } from "../../sdk/communicator.ts";
import type { LocalFolder } from "../local-folder.ts";
import { contentOf, type LocalEntry } from "../local-tree.ts";
import { joinRemote } from "../remote-path.ts";
import { bytesOf } from "./byte-stream.ts";
import type { SshSession } from "./session.ts";
import { RequestWindow, type Sftp, withSftp } from "./sftp.ts";

/** Files under way at once in a tree. */
const FILES = 16;

/** Uploads one file by SFTP (row CON-09). */
export async function sftpUpload(session: SshSession, file: Upload): Promise<void> {
  await withSftp(session, { what: `could not upload ${file.path}`, signal: file.signal }, (sftp) =>
    sftp.write(file.path, bytesOf(file.content), file.mode ?? 0o644),
  );
}

/** Uploads a tree by SFTP; makes `folder` when it is missing. */
export async function sftpUploadTree(
  session: SshSession,
  tree: { readonly entries: AsyncIterable<LocalEntry>; readonly folder: string; readonly what: string; readonly signal: AbortSignal },
): Promise<void> {
  await withSftp(session, tree, async (sftp) => {
    await sftp.makeFolder(tree.folder);
    const files = new RequestWindow(FILES);
    const folders: { readonly path: string; readonly mode: number }[] = [];
    for await (const entry of tree.entries) {
      const path = joinRemote(tree.folder, entry.path);
      if (entry.kind === "directory") {
        await sftp.makeFolder(path);
        folders.push({ path, mode: entry.mode });
      } else {
        await files.add(() => writeEntry(sftp, path, entry));
      }
    }
    await files.drain();
    // Last and from the inside out: a folder without write permission takes no more files.
    for (const { path, mode } of folders.reverse()) await sftp.chmod(path, mode);
  });
}

/** Downloads one file by SFTP. */
export async function sftpDownload(
  session: SshSession,
  file: { readonly path: string; readonly content: Writable; readonly signal: AbortSignal },
): Promise<void> {
  await withSftp(session, { what: `could not download ${file.path}`, signal: file.signal }, (sftp) =>
    pipeline(sftp.read(file.path), file.content, { signal: file.signal }),
  );
}

/** Downloads a tree by SFTP. Symbolic links are followed, as scp does. */
export async function sftpDownloadTree(
  session: SshSession,
  tree: {
    readonly source: string;
    readonly folder: LocalFolder;
    readonly name: string;
    readonly what: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  await withSftp(session, tree, async (sftp) => {
    const files = new RequestWindow(FILES);
    await downloadFolder(sftp, tree.source, tree.name, tree.folder, files);
    await files.drain();
  });
}

// --- internal ---

async function writeEntry(sftp: Sftp, path: string, entry: LocalEntry): Promise<void> {
  const content = contentOf(entry);
  try {
    await sftp.write(path, bytesOf(content), entry.mode);
  } finally {
    // One that the machine refuses is not even begun to be read.
    content.destroy();
  }
}

async function downloadFolder(sftp: Sftp, source: string, path: string, folder: LocalFolder, files: RequestWindow): Promise<void> {
  const { mode } = await sftp.stat(source);
  if (path !== "") await folder.makeFolder(path, mode);
  for (const { filename } of await sftp.list(source)) {
    const from = joinRemote(source, filename);
    const to = path === "" ? filename : `${path}/${filename}`;
    if (folder.excludes(to)) continue;
    const stats = await sftp.stat(from);
    if (stats.isDirectory()) await downloadFolder(sftp, from, to, folder, files);
    else if (stats.isFile()) await files.add(() => folder.writeFile(to, stats.mode, sftp.read(from)));
  }
}
