// File capabilities are kept in an extended attribute, which Node cannot read. GNU tar can; where it is missing they are lost, and
// that is said.
import { Readable, Transform } from "node:stream";
import { readTar } from "../../../../archive/tar-reader.ts";
import { runInside } from "../../../../communicator/chroot/command.ts";
import { systemPath } from "../../../../communicator/chroot/namespace.ts";
import type { Ui } from "../../../../sdk/ui.ts";
import type { TreeNode } from "./node.ts";

const ATTRIBUTE = "security.capability";

export interface CapabilityOptions {
  /** The folder that tree paths start from. */
  readonly directory: string;
  readonly environment: { readonly [name: string]: string | undefined };
  /** Turns the command into one that runs where the folder can be read. */
  readonly enter: (command: readonly [string, ...string[]]) => readonly [string, ...string[]];
  readonly ui: Ui;
  readonly signal: AbortSignal;
}

/** Adds the capabilities that executable files of a folder have on the disk to their nodes. */
export async function addCapabilities<N extends TreeNode | undefined>(nodes: Map<string, N>, options: CapabilityOptions): Promise<void> {
  const { directory, enter, environment, signal, ui } = options;
  if (process.platform !== "linux") return;
  const candidates = [...nodes].filter(([, node]) => node?.type === "file" && (node.mode & 0o111) !== 0).map(([path]) => path);
  if (candidates.length === 0) return;
  const attributes = [`--xattrs`, `--xattrs-include=${ATTRIBUTE}`];
  const command = enter([
    "tar",
    "--create",
    "--file=-",
    "--format=pax",
    "--no-recursion",
    ...attributes,
    `--directory=${directory}`,
    "--null",
    "--files-from=-",
  ]);
  const archive = new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) });
  const stop = new AbortController();
  const archived = runInside({
    command,
    environment: { ...environment, PATH: systemPath(environment), LC_ALL: "C" },
    stdin: Readable.from(candidates.map((path) => Buffer.from(`.${path}\0`))),
    stdout: archive,
    signal: AbortSignal.any([signal, stop.signal]),
  }).finally(() => archive.end());
  try {
    for await (const { name, xattrs } of readTar(archive)) {
      const path = name.replace(/^\./, "");
      const value = xattrs?.[ATTRIBUTE];
      const node = nodes.get(path);
      if (value !== undefined && node !== undefined)
        nodes.set(path, { ...node, xattrs: { ...node.xattrs, [ATTRIBUTE]: Buffer.from(value) } });
    }
    const exitCode = await archived;
    if (exitCode !== 0) ui.log("warn", `tar ended with exit code ${exitCode} while it read file capabilities`);
  } catch (error) {
    stop.abort();
    await archived.catch(() => undefined);
    signal.throwIfAborted();
    ui.log("warn", `file capabilities could not be read, and are missing in the outputs (GNU tar is needed): ${String(error)}`);
  }
}
