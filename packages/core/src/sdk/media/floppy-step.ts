import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BuildError, TspackError } from "../../diagnostics/error.ts";
import { fileTrouble } from "../../files/file-trouble.ts";
import { type Step, stateKey } from "../steps/step.ts";
import type { Collecting } from "./collect.ts";
import type { FloppyConfig } from "./floppy-options.ts";
import type { MediaFile, MediaFolder } from "./tree.ts";

/** Path of the floppy image that `floppyStep` makes; not set when there is nothing to put on one. */
export const floppyPathKey = stateKey<string>("floppy_path");

/**
 * The step that makes the floppy disk of `floppy_files`, `floppy_dirs` and `floppy_content`, 1.44 MB with FAT12 and long names, and
 * removes it at the end (rows CDF-05 to CDF-09). Throws `BuildError` (TPK3105) naming the sizes when too much was named.
 */
export function floppyStep(config: FloppyConfig): Step {
  return {
    name: "create floppy",
    async run({ state, ui, signal, run }) {
      const option = firstOption(config);
      if (option === undefined) return;
      const { floppyImage } = await import("./fat12/image.ts");
      ui.say("Creating floppy disk...");
      const root = await floppyTree(config, { workingDirectory: run.workingDirectory, signal });
      const image = await floppyImage(root, { label: config.floppy_label || "packer", timeMs: run.startedAtMs, signal }).catch(
        (error: unknown) => {
          if (!TspackError.is(error)) throw error;
          throw new BuildError(error.message, { code: error.code, hint: error.hint, option, cause: error.cause });
        },
      );
      const path = state.find(floppyPathKey) ?? join(run.temporaryDirectory, `floppy-${randomUUID()}.img`);
      state.set(floppyPathKey, path);
      await writeFile(path, image, { signal }).catch((cause: unknown) => {
        if (signal.aborted) throw cause;
        throw new BuildError(`the floppy image could not be written: ${fileTrouble(cause)}`, { code: "TPK6011", cause });
      });
      ui.log("info", `the floppy disk is ${path}`);
    },
    async cleanup({ state }) {
      const path = state.find(floppyPathKey);
      if (path !== undefined) await rm(path, { force: true });
    },
  };
}

// --- internal ---

/** The first option that has something for the disk: there its troubles are shown. */
function firstOption(config: FloppyConfig): string | undefined {
  const options = ["floppy_files", "floppy_dirs", "floppy_content"] as const;
  return options.find((option) => Object.keys(config[option]).length > 0);
}

async function floppyTree(config: FloppyConfig, collecting: Collecting): Promise<MediaFolder> {
  const { expandPaths, filesIn, mergeFolder, nameOf, readMedia } = await import("./collect.ts");
  const { folderIn, mediaFolder, mediaPath, mediaText, placeFile } = await import("./tree.ts");
  const root = mediaFolder();
  const flattened = new Map<string, { readonly from: string; readonly file: MediaFile }>();
  const flatten = (name: string, from: string, file: MediaFile): void => {
    const other = flattened.get(name);
    if (other !== undefined && !isSameFile(other.file, file)) throw twice(name, other.from, from);
    flattened.set(name, { from, file });
    root.entries.set(name, file);
  };
  for (const named of await expandPaths("floppy_files", config.floppy_files, collecting.workingDirectory)) {
    const node = await readMedia(named, collecting);
    if (node.kind === "file") flatten(nameOf(named), named.text, node);
    else for (const { path, name, file } of filesIn(node)) flatten(name, join(named.text, path), file);
  }
  for (const named of await expandPaths("floppy_dirs", config.floppy_dirs, collecting.workingDirectory)) {
    const node = await readMedia(named, collecting);
    if (node.kind === "file") root.entries.set(nameOf(named), node);
    else mergeFolder(folderIn(root, nameOf(named)), node);
  }
  for (const [path, text] of Object.entries(config.floppy_content)) placeFile(root, mediaPath(path), mediaText(text));
  return root;
}

function isSameFile(a: MediaFile, b: MediaFile): boolean {
  return "path" in a.source && "path" in b.source && a.source.path === b.source.path;
}

function twice(name: string, first: string, second: string): BuildError {
  return new BuildError(`${first} and ${second} would both be ${name} in the root of the floppy disk`, {
    code: "TPK3105",
    option: "floppy_files",
    hint: "floppy_files puts all files into one folder; floppy_dirs keeps the folders.",
  });
}
