import * as z from "zod";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { textList, textMap } from "../config/options.ts";
import { checkContent, checkLabel, checkPaths, type MediaCheck } from "./media-check.ts";

/** The options of a CD for the guest (rows CDF-01 to CDF-03). A builder spreads its `shape` and calls `checkCd`. */
export function cdOptions() {
  return z.object({
    cd_files: textList()
      .default([])
      .describe(
        "Files, folders and patterns (`*`, `?`, `[a-z]`) to put on a CD for the guest. A folder keeps its name; one with a slash at its end gives its content. Links are followed.",
      ),
    cd_content: textMap().default({}).describe("Texts to put on the CD, by path. They win over `cd_files`."),
    cd_label: z.string().default("packer").describe("Name of the CD's volume, at most 32 characters; `cidata` for cloud-init."),
  });
}

/** The parsed options. */
export type CdConfig = z.output<ReturnType<typeof cdOptions>>;

/** Everything wrong with the options of a CD; `path` names the option. Looks whether the files are there. */
export async function checkCd(config: CdConfig, { isUnknown, run }: MediaCheck<keyof CdConfig>): Promise<readonly Diagnostic[]> {
  return [
    ...(isUnknown("cd_files") ? [] : await checkPaths("cd_files", config.cd_files, run)),
    ...(isUnknown("cd_content") ? [] : checkContent("cd_content", config.cd_content)),
    ...(isUnknown("cd_label") ? [] : checkLabel("cd_label", config.cd_label, 32)),
  ];
}
