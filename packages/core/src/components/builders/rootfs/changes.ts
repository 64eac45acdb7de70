// What a run changed, read from the upper folder of its overlay.
import { Transform } from "node:stream";
import { runInside } from "../../../communicator/chroot/command.ts";
import {
  type ListedEntry,
  readListing,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
} from "../../../communicator/chroot/listing.ts";
import type { Namespace } from "../../../communicator/chroot/namespace.ts";
import { LIST_SCRIPT } from "../../../communicator/chroot/scripts.ts";
import { BuildError } from "../../../diagnostics/error.ts";
import type { Ui } from "../../../sdk/ui.ts";
import { addCapabilities } from "./tree/capabilities.ts";
import type { TreeNode } from "./tree/node.ts";
import type { Spool } from "./tree/spool.ts";

export interface ChangesOptions {
  readonly namespace: Namespace;
  readonly workspace: string;
  /** Contents are copied here where they cannot be read from outside; else nodes point into the workspace. */
  readonly spool: Spool;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly ui: Ui;
  readonly signal: AbortSignal;
}

/** Changed nodes by path; undefined for what was removed. Nothing may run in the namespace meanwhile. */
export async function readChanges({
  namespace,
  workspace,
  spool,
  environment,
  ui,
  signal,
}: ChangesOptions): Promise<Map<string, TreeNode | undefined>> {
  // As an ordinary user, files of the inner users are not ours to read outside.
  const withContents = namespace.privilege !== "root";
  const upper = `${workspace}/upper`;
  const args = [upper, "/", withContents ? "contents" : "names", `${workspace}/lower`, `${workspace}/root`];
  const listing = new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) });
  let complaint = "";
  const stderr = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      complaint = (complaint + chunk.toString()).slice(0, 2000);
      done();
    },
  });
  const stop = new AbortController();
  const listed = runInside({
    command: namespace.enter([namespace.tools.sh, "-c", LIST_SCRIPT, "tspack", ...args]),
    environment: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    stdout: listing,
    stderr,
    signal: AbortSignal.any([signal, stop.signal]),
  }).finally(() => listing.end());
  try {
    const changes = new Map<string, TreeNode | undefined>();
    const inodes = new Map<string, TreeNode>();
    for await (const entry of readListing(listing, { withContents })) {
      signal.throwIfAborted();
      const path = `/${entry.path}`;
      if (entry.kind === "hidden" || isWhiteout(entry)) {
        // What is mounted over during the run hides the base's own; that is no change.
        if (!/^\/(proc|dev)(\/|$)/.test(path)) changes.set(path, undefined);
        continue;
      }
      const known = entry.links > 1 && (entry.mode & S_IFMT) === S_IFREG ? inodes.get(entry.inode) : undefined;
      const node = known ?? (await toNode(entry, `${upper}${path}`, spool, signal));
      if (node === undefined) continue;
      changes.set(path, node);
      if (entry.links > 1) inodes.set(entry.inode, node);
    }
    const exitCode = await listed;
    if (exitCode !== 0) throw new BuildError(`exit code ${exitCode}`);
    await addCapabilities(changes, { directory: upper, environment, enter: namespace.enter, ui, signal });
    return changes;
  } catch (cause) {
    stop.abort();
    await listed.catch(() => undefined);
    signal.throwIfAborted();
    throw new BuildError(`could not read what the provisioners changed${complaint === "" ? "" : `: ${complaint.trim()}`}`, { cause });
  }
}

/** overlayfs marks a removed name with a character device 0/0. */
function isWhiteout(entry: ListedEntry): boolean {
  return (entry.mode & S_IFMT) === S_IFCHR && entry.device.major === 0 && entry.device.minor === 0;
}

async function toNode(entry: ListedEntry, file: string, spool: Spool, signal: AbortSignal): Promise<TreeNode | undefined> {
  const header = { mode: entry.mode & 0o7777, uid: entry.uid, gid: entry.gid, mtimeSeconds: entry.mtimeSeconds };
  switch (entry.mode & S_IFMT) {
    case S_IFREG: {
      const stored =
        entry.content === undefined ? { content: { file, offset: 0 }, sizeBytes: entry.sizeBytes } : await spool.add(entry.content, signal);
      return { type: "file", ...header, ...stored };
    }
    case S_IFDIR:
      return { type: "directory", ...header };
    case S_IFLNK:
      return { type: "symlink", ...header, mode: 0o777, target: entry.target ?? "" };
    case S_IFIFO:
      return { type: "fifo", ...header };
    case S_IFCHR:
      return { type: "character-device", ...header, device: entry.device };
    case S_IFBLK:
      return { type: "block-device", ...header, device: entry.device };
    default:
      return undefined; // A socket: nothing listens on it any more.
  }
}
