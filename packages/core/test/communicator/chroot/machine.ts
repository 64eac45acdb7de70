import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { RecordingUi, runInfo, tmp } from "@tspack/test-support";
import { prepareBase } from "../../../src/components/builders/rootfs/base/prepare-base.ts";
import { type RootfsCommunicator, rootfsCommunicator } from "../../../src/components/builders/rootfs/communicator.ts";
import type { Base } from "../../../src/components/builders/rootfs/options.ts";
import { RootTree } from "../../../src/components/builders/rootfs/tree/tree.ts";

export interface Machine {
  readonly communicator: RootfsCommunicator;
  readonly tree: RootTree;
  readonly workFolder: string;
}

/** Programs that the shared suite of communicators runs. */
export const suitePrograms = "sh cat wc stat sha256sum mkdir ln find sort sleep touch chmod true rm ls id ps kill".split(" ");

/** A communicator over a base, without a builder around it. */
export async function machine(base: Base = { host_files: suitePrograms }): Promise<Machine> {
  const ui = new RecordingUi();
  const run = runInfo();
  const workFolder = join(tmp("machine"), "work");
  mkdirSync(workFolder);
  const nowSeconds = 1_700_000_000;
  const signal = new AbortController().signal;
  const prepared = await prepareBase(base, { keepOwnership: false, workFolder, nowSeconds, run, ui, signal });
  const tree = new RootTree(prepared.tree, nowSeconds);
  return {
    communicator: rootfsCommunicator({ tree, base: prepared, workFolder, commandEnvironment: {}, nowSeconds, run, ui }),
    tree,
    workFolder,
  };
}

/** A machine as the shared suite wants it. */
export async function conformanceMachine() {
  const { communicator } = await machine();
  const { exitCode } = await communicator.execute({ command: "mkdir /root && touch /root/missing", signal: new AbortController().signal });
  if (exitCode !== 0) throw new Error("the folder of the suite could not be made");
  return { communicator, root: "/root", unwritable: "/root/missing/file", close: () => communicator.close() };
}
