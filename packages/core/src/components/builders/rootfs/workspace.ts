// The folder a run's overlay is made of: `lower` (the base), `points` (what has to exist to be mounted on), `upper` (the changes),
// `work` (overlayfs' own) and `root` (where all of it is mounted, inside the namespace alone).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { runInside } from "../../../communicator/chroot/command.ts";
import {
  type Namespace,
  type NamespacePlan,
  openNamespace,
  type Privilege,
  possiblePrivileges,
  systemPath,
} from "../../../communicator/chroot/namespace.ts";
import { OWNER_SCRIPT } from "../../../communicator/chroot/scripts.ts";
import { BuildError } from "../../../diagnostics/error.ts";
import type { RunInfo } from "../../../sdk/component.ts";
import type { Ui } from "../../../sdk/ui.ts";
import type { PreparedBase } from "./base/prepare-base.ts";
import { materialize } from "./tree/materialize.ts";
import type { TreeNode, TreeNodes } from "./tree/node.ts";
import type { RootTree } from "./tree/tree.ts";

export interface WorkspaceOptions {
  readonly tree: RootTree;
  readonly base: PreparedBase;
  /** Made here; must not exist. */
  readonly workspace: string;
  readonly nowSeconds: number;
  readonly run: RunInfo;
  readonly ui: Ui;
  readonly signal: AbortSignal;
}

/** Lays out the folder with base and changes as they are, and answers how to open a namespace over it. */
export async function makeWorkspace(options: WorkspaceOptions): Promise<(signal: AbortSignal) => Promise<Namespace>> {
  const { tree, base, workspace, run, signal } = options;
  if (base.directory === "/" && process.getuid?.() !== 0) {
    throw new BuildError("commands can only run over the running system as root: in a user namespace its files belong to nobody", {
      code: "TPK6008",
      hint: "Run as root, or use another base: an ordinary user can run commands over host_files, folders and archives.",
    });
  }
  for (const folder of ["", "lower", "points", "upper", "work", "root"]) {
    await mkdir(join(workspace, folder));
    // Whatever the umask says: these are the root folder of the image.
    await chmod(join(workspace, folder), 0o755);
  }
  const resolvConf = await placeResolvConf(options);
  const others: { folder: string; paths: readonly string[]; nodes: TreeNodes }[] = [];
  const isDirect = base.directory !== undefined && mapsDirectly(base, await likelyPrivilege());
  if (!isDirect) {
    const nodes = await base.tree.nodes();
    const { otherOwners } = await materialize(nodes, join(workspace, "lower"), { latestSeconds: options.nowSeconds, signal });
    others.push({ folder: "lower", paths: otherOwners, nodes });
  }
  const changes = new Map<string, TreeNode>();
  for (const [path, node] of tree.changes) if (node !== undefined) changes.set(path, node);
  const { otherOwners } = await materialize(changes, join(workspace, "upper"), { latestSeconds: options.nowSeconds, signal });
  others.push({ folder: "upper", paths: otherOwners, nodes: changes });

  const plan: Omit<NamespacePlan, "signal"> = {
    workspace,
    base: isDirect && base.directory !== undefined ? base.directory : "lower",
    submounts: base.directory === "/" ? await submountsOfSystem() : [],
    resolvConf,
    environment: run.environment,
  };
  return async (openSignal) => {
    const namespace = await openNamespace({ ...plan, signal: openSignal });
    try {
      for (const list of others.splice(0)) await setOwners(namespace, join(workspace, list.folder), list, openSignal);
    } catch (error) {
      await namespace.close();
      throw error;
    }
    return namespace;
  };
}

/** Removes the folder. Files of the inner users of a user namespace can only be removed from inside one. */
export async function removeWorkspace(workspace: string, privilege: Privilege, run: RunInfo): Promise<void> {
  if (privilege !== "root") {
    const user = privilege === "many-users" ? ["--user", "--map-root-user", "--map-auto"] : ["--user", "--map-root-user"];
    const child = spawn("unshare", [...user, "--", "rm", "-rf", "--", workspace], {
      stdio: "ignore",
      env: { PATH: systemPath(run.environment) },
    });
    await once(child, "exit").catch(() => undefined);
  }
  await rm(workspace, { recursive: true, force: true });
}

/** Name servers during the run: a copy, so that what is written to it inside stays inside. Answers its place in the root. */
async function placeResolvConf({ tree, workspace }: WorkspaceOptions): Promise<string | undefined> {
  const copied = await copyFile("/etc/resolv.conf", join(workspace, "resolv.conf")).then(
    () => true,
    () => false,
  );
  if (!copied) return undefined;
  const place = await tree.resolve("/etc/resolv.conf", { followLast: true });
  if (place.startsWith("/proc/") || place.startsWith("/dev/")) return undefined;
  const there = await tree.find(place);
  if (there !== undefined && there.type !== "file") return undefined;
  return place;
}

async function likelyPrivilege(): Promise<Privilege> {
  return (await possiblePrivileges())[0] ?? "one-user";
}

/** True if the folder's owners, as the namespace shows them, are those that the tree says. */
function mapsDirectly(base: PreparedBase, privilege: Privilege): boolean {
  if (base.directory === "/") return true;
  const owners = base.owners ?? [];
  if (privilege === "root") return base.keepsOwnership === true || owners.every((owner) => owner === "0:0");
  return base.keepsOwnership !== true && owners.every((owner) => owner === `${process.getuid?.()}:${process.getgid?.()}`);
}

async function setOwners(
  namespace: Namespace,
  folder: string,
  { paths, nodes }: { readonly paths: readonly string[]; readonly nodes: TreeNodes },
  signal: AbortSignal,
): Promise<void> {
  // With one inner user there is nobody to give files to; the outputs have the right owners all the same.
  if (paths.length === 0 || namespace.privilege === "one-user") return;
  const lines = function* () {
    for (const path of paths) {
      const node = nodes.get(path);
      if (node !== undefined && !path.includes("\n")) yield `${node.uid}:${node.gid}\n${node.mode.toString(8)}\n${path}\n`;
    }
  };
  await runInside({
    command: namespace.enter([namespace.tools.sh, "-c", OWNER_SCRIPT, "tspack", folder]),
    environment: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    stdin: Readable.from(lines()),
    signal,
  });
}

/** Mounted disks of the running system other than its root: an overlay does not reach into them. */
async function submountsOfSystem(): Promise<string[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  const points: string[] = [];
  for (const line of table.split("\n")) {
    const fields = line.split(" ");
    const point = fields[4]?.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
    const source = fields[fields.indexOf("-") + 2];
    if (point === undefined || point === "/" || source?.startsWith("/dev/") !== true) continue;
    if (/^\/(proc|sys|dev|run|tmp)(\/|$)/.test(point)) continue;
    points.push(point);
  }
  return points;
}
