import { join } from "node:path";
import { CommunicatorError } from "../../../diagnostics/error.ts";
import type { Communicator } from "../../../sdk/communicator.ts";
import type { RunInfo } from "../../../sdk/component.ts";
import type { Ui } from "../../../sdk/ui.ts";
import type { PreparedBase } from "./base/prepare-base.ts";
import { Spool } from "./tree/spool.ts";
import type { RootTree } from "./tree/tree.ts";
import { treeTransfers } from "./tree-communicator.ts";

export interface RootfsCommunicatorOptions {
  readonly tree: RootTree;
  readonly base: PreparedBase;
  readonly workFolder: string;
  /** Environment of commands beside the usual. */
  readonly commandEnvironment: { readonly [name: string]: string };
  readonly nowSeconds: number;
  readonly run: RunInfo;
  readonly ui: Ui;
}

export interface RootfsCommunicator extends Communicator {
  /** Ends what still runs inside, and takes what was changed into the tree. */
  collectChanges(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export function rootfsCommunicator(options: RootfsCommunicatorOptions): RootfsCommunicator {
  const spool = new Spool(join(options.workFolder, "uploads"));
  const transfers = treeTransfers(options.tree, spool, options.nowSeconds);
  return {
    ...transfers,
    async execute() {
      throw new CommunicatorError("commands cannot run in a root file system yet", { code: "TPK5006" });
    },
    async collectChanges() {},
    async close() {
      await spool.finish();
    },
  };
}
