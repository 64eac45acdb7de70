// The communicator of the builder: files go into the tree until the first command; from then on everything goes through a
// namespace in which the tree is mounted.
import { join } from "node:path";
import { chrootCommunicator } from "../../../communicator/chroot/communicator.ts";
import type { Namespace, Privilege } from "../../../communicator/chroot/namespace.ts";
import { CommunicatorError } from "../../../diagnostics/error.ts";
import type { Communicator } from "../../../sdk/communicator.ts";
import type { RunInfo } from "../../../sdk/component.ts";
import type { Ui } from "../../../sdk/ui.ts";
import type { PreparedBase } from "./base/prepare-base.ts";
import { readChanges } from "./changes.ts";
import type { TreeNode } from "./tree/node.ts";
import { Spool } from "./tree/spool.ts";
import type { RootTree } from "./tree/tree.ts";
import { treeTransfers } from "./tree-communicator.ts";
import { makeWorkspace, removeWorkspace } from "./workspace.ts";

export interface RootfsCommunicatorOptions {
  readonly tree: RootTree;
  readonly base: PreparedBase;
  /** For temporary files; the caller removes it after `close`. */
  readonly workFolder: string;
  /** Environment of commands beside the usual. */
  readonly commandEnvironment: { readonly [name: string]: string };
  readonly nowSeconds: number;
  readonly run: RunInfo;
  readonly ui: Ui;
}

export interface RootfsCommunicator extends Communicator {
  /** Ends what still runs inside and takes what was changed into the tree. Commands may run again afterwards. */
  collectChanges(signal: AbortSignal): Promise<void>;
  /** Ends everything that runs inside, and removes what a run left on the disk: contents of the tree are gone then. */
  close(): Promise<void>;
}

/** A run inside the tree, once there was a command. */
interface Live {
  readonly open: (signal: AbortSignal) => Promise<Namespace>;
  readonly workspace: string;
  namespace: Namespace | undefined;
  communicator: Communicator | undefined;
  privilege: Privilege;
}

export function rootfsCommunicator(options: RootfsCommunicatorOptions): RootfsCommunicator {
  const { tree, base, workFolder, nowSeconds, run, ui } = options;
  const spool = new Spool(join(workFolder, "uploads"));
  const inTree = treeTransfers(tree, spool, nowSeconds);
  const environment = commandEnvironment(options);
  let live: Live | undefined;
  /** One start at a time; transfers wait for one that is under way. */
  let starting: Promise<unknown> = Promise.resolve();
  let initial: ReadonlyMap<string, TreeNode | undefined> = new Map();

  const start = async (signal: AbortSignal): Promise<Communicator> => {
    if (live?.communicator !== undefined) return live.communicator;
    if (live === undefined) {
      await requireShell(tree);
      ui.say("Entering the root file system to run commands");
      await spool.finish();
      initial = new Map(tree.changes);
      const workspace = join(workFolder, "run");
      try {
        const open = await makeWorkspace({ tree, base, workspace, nowSeconds, run, ui, signal });
        const namespace = await open(signal);
        live = { open, workspace, namespace, communicator: undefined, privilege: namespace.privilege };
      } catch (error) {
        await removeWorkspace(workspace, "one-user", run);
        throw error;
      }
    }
    live.namespace ??= await live.open(signal);
    live.communicator = chrootCommunicator({ namespace: live.namespace, root: join(live.workspace, "root"), environment });
    return live.communicator;
  };
  const started = (signal: AbortSignal): Promise<Communicator> => {
    const next = starting.catch(() => undefined).then(() => start(signal));
    starting = next;
    return next;
  };
  const transfers = async (signal: AbortSignal): Promise<Omit<Communicator, "execute">> => {
    await starting.catch(() => undefined);
    return live === undefined ? inTree : started(signal);
  };

  return {
    async execute(command) {
      return (await started(command.signal)).execute(command);
    },
    upload: async (file) => (await transfers(file.signal)).upload(file),
    uploadDirectory: async (transfer) => (await transfers(transfer.signal)).uploadDirectory(transfer),
    download: async (file) => (await transfers(file.signal)).download(file),
    downloadDirectory: async (transfer) => (await transfers(transfer.signal)).downloadDirectory(transfer),

    async collectChanges(signal) {
      await starting.catch(() => undefined);
      if (live?.namespace === undefined) return;
      const { namespace, workspace } = live;
      await namespace.stopProcesses();
      const changes = await readChanges({ namespace, workspace, spool, environment: run.environment, ui, signal });
      await spool.finish();
      tree.replaceChanges(await withRecordedOwners(changes, initial, live.privilege, options));
      live.namespace = undefined;
      live.communicator = undefined;
      await namespace.close();
    },

    async close() {
      await starting.catch(() => undefined);
      await live?.namespace?.close();
      await spool.finish();
      if (live !== undefined) await removeWorkspace(live.workspace, live.privilege, run);
      live = undefined;
    },
  };
}

/** PATH and HOME as a login of root has them, proxies of the run, and what the user adds. */
function commandEnvironment({ commandEnvironment, run }: RootfsCommunicatorOptions): { readonly [name: string]: string } {
  const proxies = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy"].flatMap((name) => [name, name.toUpperCase()]);
  const passed: { [name: string]: string } = {};
  for (const name of proxies) {
    const value = run.environment[name];
    if (value !== undefined) passed[name] = value;
  }
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    USER: "root",
    LOGNAME: "root",
    SHELL: "/bin/sh",
    TERM: "dumb",
    ...passed,
    ...commandEnvironment,
  };
}

async function requireShell(tree: RootTree): Promise<void> {
  const shell = await tree.find(await tree.resolve("/bin/sh", { followLast: true }));
  if (shell !== undefined) return;
  throw new CommunicatorError("commands cannot run: the root file system has no /bin/sh", {
    code: "TPK5006",
    hint: 'Start from a base that has a shell (for example add "sh" to host_files), or use provisioners that only upload files.',
  });
}

/**
 * Files that are as they were put in keep the owner and attributes they were given, where the run could not set them: inside a
 * user namespace with a single user everything belongs to root. Removals of what was never there are left out.
 */
async function withRecordedOwners(
  changes: ReadonlyMap<string, TreeNode | undefined>,
  initial: ReadonlyMap<string, TreeNode | undefined>,
  privilege: Privilege,
  { tree, nowSeconds }: RootfsCommunicatorOptions,
): Promise<Map<string, TreeNode | undefined>> {
  const result = new Map<string, TreeNode | undefined>();
  for (const [path, node] of changes) {
    const before = initial.get(path);
    if (node === undefined) {
      if ((await tree.base.find(path)) !== undefined) result.set(path, undefined);
    } else if (before !== undefined && privilege === "one-user" && isSame(before, node, nowSeconds)) {
      result.set(path, "content" in node && before.type === "file" ? { ...before, content: node.content } : before);
    } else {
      result.set(path, node);
    }
  }
  return result;
}

function isSame(before: TreeNode, after: TreeNode, nowSeconds: number): boolean {
  if (before.type !== after.type || before.mode !== after.mode) return false;
  if (before.type === "directory") return true;
  if (Math.min(before.mtimeSeconds, nowSeconds) !== after.mtimeSeconds) return false;
  return before.type !== "file" || (after.type === "file" && before.sizeBytes === after.sizeBytes);
}
