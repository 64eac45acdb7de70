import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RunInfo } from "../../../sdk/component.ts";
import { defineBuilder } from "../../../sdk/config/define.ts";
import { fileArtifact } from "../../../sdk/file-artifact.ts";
import type { GeneratedData } from "../../../sdk/hook.ts";
import { provisionStep } from "../../../sdk/steps/provision.ts";
import { runSteps } from "../../../sdk/steps/runner.ts";
import { type Step, stateKey } from "../../../sdk/steps/step.ts";
import { type PreparedBase, prepareBase } from "./base/prepare-base.ts";
import { checkRootfs } from "./check.ts";
import { type RootfsCommunicator, rootfsCommunicator } from "./communicator.ts";
import { putFile } from "./files.ts";
import { type RootfsOptions, rootfsOptions } from "./options.ts";
import { writeOutputs } from "./output/write-outputs.ts";
import { RootTree } from "./tree/tree.ts";

const workFolderKey = stateKey<string>("work_folder");
const baseKey = stateKey<PreparedBase>("base");
const treeKey = stateKey<RootTree>("tree");
const communicatorKey = stateKey<RootfsCommunicator>("communicator");
const idKey = stateKey<string>("id");

/** The builder `rootfs`: root file systems and container images, without a daemon and without a virtual machine. */
export default defineBuilder({
  type: "rootfs",
  description: "Builds a root file system or container image, with no daemon and no virtual machine.",
  options: rootfsOptions,
  check: checkRootfs,
  async run({ config, packer, run, ui, hook, signal }) {
    const nowSeconds = Math.floor(run.startedAtMs / 1000);
    const data: GeneratedData = { ID: run.runUuid, Host: "localhost", ConnType: "rootfs" };
    const steps: Step[] = [
      workFolderStep(),
      baseStep(config, run, nowSeconds),
      filesStep(config, run, nowSeconds),
      provisionStep({ hook, communicator: (state) => state.get(communicatorKey), data: () => data }),
      outputStep(config, nowSeconds),
    ];
    const state = await runSteps(steps, { ui, signal, packer, run });
    const paths = config.output.map((output) => output.path);
    return fileArtifact({
      builderId: "tspack.rootfs",
      id: state.get(idKey),
      files: paths,
      description: `Root file system: ${paths.join(", ")}`,
      state: { generated_data: data },
      workingDirectory: run.workingDirectory,
    });
  },
});

function workFolderStep(): Step {
  return {
    name: "prepare folder",
    async run({ state, run }) {
      await mkdir(run.temporaryDirectory, { recursive: true });
      state.set(workFolderKey, await mkdtemp(join(run.temporaryDirectory, "rootfs-")));
    },
    async cleanup({ state }) {
      const folder = state.find(workFolderKey);
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function baseStep(config: RootfsOptions, run: RunInfo, nowSeconds: number): Step {
  return {
    name: "base",
    async run({ state, ui, signal }) {
      const workFolder = state.get(workFolderKey);
      const base = await prepareBase(config.base, { keepOwnership: config.keep_ownership, workFolder, nowSeconds, run, ui, signal });
      state.set(baseKey, base);
      state.set(treeKey, new RootTree(base.tree, nowSeconds));
    },
  };
}

function filesStep(config: RootfsOptions, run: RunInfo, nowSeconds: number): Step {
  return {
    name: "files",
    async run({ state, ui, signal }) {
      const tree = state.get(treeKey);
      for (const [destination, file] of Object.entries(config.files)) {
        await putFile(destination, file, { tree, workingDirectory: run.workingDirectory, nowSeconds, signal });
      }
      state.set(
        communicatorKey,
        rootfsCommunicator({
          tree,
          base: state.get(baseKey),
          workFolder: state.get(workFolderKey),
          commandEnvironment: config.environment,
          nowSeconds,
          run,
          ui,
        }),
      );
    },
    async cleanup({ state }) {
      await state.find(communicatorKey)?.close();
    },
  };
}

function outputStep(config: RootfsOptions, nowSeconds: number): Step {
  return {
    name: "output",
    async run({ state, ui, signal, packer, run }) {
      await state.get(communicatorKey).collectChanges(signal);
      const { changesOnly } = state.get(baseKey);
      state.set(idKey, await writeOutputs(config.output, { tree: state.get(treeKey), changesOnly, nowSeconds, packer, run, ui, signal }));
    },
  };
}
