// The post-processor that replaces an artifact's files (rows PP-01, PP-02).
import * as z from "zod";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { goGlob } from "../../paths/go-glob.ts";
import { compileGoPattern } from "../../paths/go-match.ts";
import { definePostProcessor } from "../../sdk/config/define.ts";
import { textList } from "../../sdk/config/options.ts";
import { fileArtifact } from "../../sdk/file-artifact.ts";

export default definePostProcessor({
  type: "artifice",
  description: "Replaces the artifact's list of files by the files that patterns find.",
  options: () =>
    z.object({
      files: textList().describe(
        "Paths or patterns (`*`, `?`, `[a-z]`) of the files that the artifact shall consist of. A pattern that finds nothing is no error.",
      ),
    }),
  check({ config, isUnknown }): Diagnostic[] {
    if (isUnknown("files")) return [];
    if (config.files.length === 0) {
      const detail = "The list of files is empty, so nothing would be left of the artifact.";
      return [{ severity: "error", code: "TPK3105", summary: "Invalid argument value", detail, path: ["files"] }];
    }
    return config.files.flatMap((pattern, index) => {
      if (compileGoPattern(pattern) !== undefined) return [];
      const detail = `${JSON.stringify(pattern)} is not a valid pattern: a bracket is not closed, or a backslash stands at the end.`;
      return [{ severity: "error", code: "TPK3105", summary: "Invalid argument value", detail, path: ["files", index] }];
    });
  },
  async postProcess({ artifact, config, run, ui }) {
    const files: string[] = [];
    for (const pattern of config.files) files.push(...(await goGlob(pattern, run.workingDirectory)));
    if (artifact.files.length > 0) ui.say(`No longer in the artifact: ${artifact.files.join(", ")}`);
    ui.say(files.length === 0 ? "No file matches, so the artifact is empty" : `The artifact is now: ${files.join(", ")}`);
    const made = fileArtifact({
      builderId: "packer.post-processor.artifice",
      id: "",
      files,
      description: `Created artifact from files: ${files.join(", ")}`,
      state: { generated_data: await artifact.state("generated_data") },
      workingDirectory: run.workingDirectory,
    });
    return { artifact: made, keep: true, forceKeep: false };
  },
});
