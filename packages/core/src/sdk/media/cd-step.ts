import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Step, stateKey } from "../steps/step.ts";
import type { CdConfig } from "./cd-options.ts";
import type { Collecting, NamedPath } from "./collect.ts";
import type { MediaFolder } from "./tree.ts";

/** Path of the CD image that `cdStep` makes; not set when there is nothing to put on one. */
export const cdPathKey = stateKey<string>("cd_path");

/**
 * The step that makes the CD of `cd_files` and `cd_content`, an image with Joliet and Rock Ridge names, and removes it at the end
 * (rows CDF-01 to CDF-04, CDF-09). It needs no tool. The same files, texts and label give the same bytes for the same start of the run.
 */
export function cdStep(config: CdConfig): Step {
  return {
    name: "create CD",
    async run({ state, ui, signal, run }) {
      if (config.cd_files.length === 0 && Object.keys(config.cd_content).length === 0) return;
      // Only here: a program that is merely validated writes no CD.
      const { writeIsoImage } = await import("./iso9660/write-image.ts");
      ui.say("Creating CD disk...");
      const root = await cdTree(config, { workingDirectory: run.workingDirectory, signal });
      const path = state.find(cdPathKey) ?? join(run.temporaryDirectory, `cd-${randomUUID()}.iso`);
      // Before it is written, so that the clean-up finds what a failure leaves.
      state.set(cdPathKey, path);
      const { sizeBytes } = await writeIsoImage(path, root, { label: config.cd_label || "packer", timeMs: run.startedAtMs, signal });
      ui.log("info", `the CD ${path} has ${sizeBytes} bytes`);
    },
    async cleanup({ state }) {
      const path = state.find(cdPathKey);
      if (path !== undefined) await rm(path, { force: true });
    },
  };
}

// --- internal ---

async function cdTree(config: CdConfig, collecting: Collecting): Promise<MediaFolder> {
  const { expandPaths, mergeFolder, nameOf, readMedia } = await import("./collect.ts");
  const { folderIn, mediaFolder, mediaPath, mediaText, placeFile } = await import("./tree.ts");
  const root = mediaFolder();
  for (const named of await expandPaths("cd_files", config.cd_files, collecting.workingDirectory)) {
    const node = await readMedia(named, collecting);
    if (node.kind === "file") root.entries.set(nameOf(named), node);
    else mergeFolder(meansContent(named) ? root : folderIn(root, nameOf(named)), node);
  }
  for (const [path, text] of Object.entries(config.cd_content)) placeFile(root, mediaPath(path), mediaText(text));
  return root;
}

/** `folder/`, `.` and the like put the folder's content on the CD, without the folder itself. */
function meansContent({ text }: NamedPath): boolean {
  return /(^|\/)\.{0,2}$/.test(text);
}
