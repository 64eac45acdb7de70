import * as z from "zod";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { textList, textMap } from "../config/options.ts";
import { checkContent, checkLabel, checkPaths, type MediaCheck } from "./media-check.ts";

/** The options of a floppy disk for the guest (rows CDF-05 to CDF-08). A builder spreads its `shape` and calls `checkFloppy`. */
export function floppyOptions() {
  return z.object({
    floppy_files: textList()
      .default([])
      .describe("Files, folders and patterns whose files all go to the root of a floppy disk for the guest, without their folders."),
    floppy_dirs: textList().default([]).describe("Folders, files and patterns to put on the floppy disk with all folders below them."),
    floppy_content: textMap().default({}).describe("Texts to put on the floppy disk, by path. They win over files."),
    floppy_label: z.string().default("packer").describe("Name of the floppy disk's volume, at most 11 characters."),
  });
}

/** The parsed options. */
export type FloppyConfig = z.output<ReturnType<typeof floppyOptions>>;

/** Everything wrong with the options of a floppy disk; `path` names the option. Looks whether the files are there. */
export async function checkFloppy(
  config: FloppyConfig,
  { isUnknown, run }: MediaCheck<keyof FloppyConfig>,
): Promise<readonly Diagnostic[]> {
  return [
    ...(isUnknown("floppy_files") ? [] : await checkPaths("floppy_files", config.floppy_files, run)),
    ...(isUnknown("floppy_dirs") ? [] : await checkPaths("floppy_dirs", config.floppy_dirs, run)),
    ...(isUnknown("floppy_content") ? [] : checkContent("floppy_content", config.floppy_content)),
    ...(isUnknown("floppy_label") ? [] : checkLabel("floppy_label", config.floppy_label, 11)),
  ];
}
