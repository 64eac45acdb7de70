import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { BuildError } from "../../../../diagnostics/error.ts";
import type { RunInfo } from "../../../../sdk/component.ts";
import type { Ui } from "../../../../sdk/ui.ts";
import type { Base } from "../options.ts";
import { addCapabilities } from "../tree/capabilities.ts";
import type { TreeNode, TreeNodes } from "../tree/node.ts";
import { scanDirectory } from "../tree/scan.ts";
import { Spool } from "../tree/spool.ts";
import { completeBase, type TreeBase } from "../tree/tree.ts";
import { readArchive } from "./archive.ts";
import { runDebootstrap } from "./debootstrap.ts";
import { fetchArchive } from "./fetch-archive.ts";
import { hostBase } from "./host.ts";
import { collectHostFiles } from "./host-files.ts";

/** A base that is ready to be built upon. */
export interface PreparedBase {
  readonly tree: TreeBase;
  /** Outputs leave the base itself out, because it is the running system. */
  readonly changesOnly: boolean;
  /** A folder on this machine that is the base, so that a run may lay its changes over it without a copy. */
  readonly directory?: string | undefined;
  /** Who owns the files of that folder on the disk, as `UID:GID`, and whether the tree says the same. */
  readonly owners?: readonly string[] | undefined;
  readonly keepsOwnership?: boolean | undefined;
}

export interface BaseContext {
  readonly keepOwnership: boolean;
  /** For temporary files; removed by the caller. */
  readonly workFolder: string;
  readonly nowSeconds: number;
  readonly run: RunInfo;
  readonly ui: Ui;
  readonly signal: AbortSignal;
}

/** Gets hold of a base: looks at it, reads it, downloads it or makes it. */
export async function prepareBase(base: Base, context: BaseContext): Promise<PreparedBase> {
  const { run, signal, nowSeconds, ui } = context;
  if (base === "scratch") return { tree: completeBase(new Map()), changesOnly: false };
  if (base === "host") return hostBase({ whole: false, context });
  if (typeof base === "string") return fromLocation(base, undefined, context);
  if ("host" in base) return hostBase({ whole: base.host === "whole", context });
  if ("archive" in base) return fromLocation(base.archive, base.checksum, context);
  if ("debootstrap" in base) {
    const file = await runDebootstrap(base.debootstrap, context);
    return fromArchive(file, context);
  }
  const nodes = await collectHostFiles({ files: base.host_files, searchPath: run.environment.PATH ?? "", nowSeconds, signal });
  ui.say(`Collected ${nodes.size} files and folders of this machine for ${base.host_files.join(", ")}`);
  return { tree: completeBase(nodes), changesOnly: false };
}

async function fromLocation(location: string, checksum: string | undefined, context: BaseContext): Promise<PreparedBase> {
  const isUrl = /^https?:\/\//i.test(location);
  const path = resolve(context.run.workingDirectory, location.replace(/^file:\/\//i, ""));
  if (!isUrl && (await isFolder(path))) {
    if (checksum !== undefined) {
      throw new BuildError(`the base ${location} is a folder, and a folder has no checksum`, {
        code: "TPK3106",
        hint: "Leave the checksum out.",
      });
    }
    const { keepOwnership, signal } = context;
    const nodes = await scanDirectory(path, "", { keepOwnership: true, signal });
    await addCapabilities(nodes, {
      directory: path,
      environment: context.run.environment,
      enter: (command) => command,
      ui: context.ui,
      signal,
    });
    const owners = [...new Set([...nodes.values()].map((node) => `${node.uid}:${node.gid}`))];
    const tree = completeBase(keepOwnership ? nodes : ownedByRoot(nodes));
    return { tree, changesOnly: false, directory: path, owners, keepsOwnership: keepOwnership };
  }
  const needsFetch = isUrl || checksum !== undefined;
  return fromArchive(needsFetch ? await fetchArchive(isUrl ? location : path, checksum, context) : path, context);
}

/** The same nodes with root as their owner; hard links stay what they are. */
function ownedByRoot(nodes: TreeNodes): TreeNodes {
  const changed = new Map<TreeNode, TreeNode>();
  const owned = new Map<string, TreeNode>();
  for (const [path, node] of nodes) {
    const mine = changed.get(node) ?? { ...node, uid: 0, gid: 0 };
    changed.set(node, mine);
    owned.set(path, mine);
  }
  return owned;
}

async function fromArchive(file: string, context: BaseContext): Promise<PreparedBase> {
  const spool = new Spool(join(context.workFolder, "base-contents"));
  const nodes = await readArchive(file, {
    spool,
    environment: context.run.environment,
    nowSeconds: context.nowSeconds,
    signal: context.signal,
  });
  await spool.finish();
  context.ui.say(`Read ${nodes.size} files and folders from ${file}`);
  return { tree: completeBase(nodes), changesOnly: false };
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    (cause: unknown) => {
      throw new BuildError(`the base ${path} cannot be read`, { code: "TPK3107", cause });
    },
  );
}
