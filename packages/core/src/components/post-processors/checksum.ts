// The post-processor that writes checksums of the artifact's files (rows PP-03..05).
import { appendFile, mkdir, rm, stat, truncate } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import * as z from "zod";
import { type ChecksumType, checksumTypes, digestFile, isChecksumType } from "../../checksum/digest.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { BuildError, CancelledError } from "../../diagnostics/error.ts";
import { definePostProcessor } from "../../sdk/config/define.ts";
import { textList } from "../../sdk/config/options.ts";
import { fileArtifact } from "../../sdk/file-artifact.ts";
import { checkOutput, renderOutput } from "./output-template.ts";

export default definePostProcessor({
  type: "checksum",
  description: "Writes checksums of the artifact's files into files, which become part of the artifact.",
  options: () =>
    z.object({
      checksum_types: textList()
        .default(["md5"])
        .describe(`Kinds of checksum to make: ${checksumTypes.join(", ")}.`),
      output: z
        .string()
        .default("packer_{{.BuildName}}_{{.BuilderType}}_{{.ChecksumType}}.checksum")
        .describe(
          "Path of the file to write; `{{.BuildName}}`, `{{.BuilderType}}` and `{{.ChecksumType}}` are filled in. Lines are added to a file that is there.",
        ),
    }),
  renderLater: ["output"],
  check({ config, isUnknown, ...known }): Diagnostic[] {
    const diagnostics: Diagnostic[] = isUnknown("output") ? [] : checkOutput("output", config.output, known);
    if (isUnknown("checksum_types")) return diagnostics;
    for (const [index, type] of config.checksum_types.entries()) {
      if (isChecksumType(type)) continue;
      const detail = `${JSON.stringify(type)} is not a kind of checksum; there are ${checksumTypes.join(", ")}.`;
      diagnostics.push({ severity: "error", code: "TPK3105", summary: "Invalid argument value", detail, path: ["checksum_types", index] });
    }
    return diagnostics;
  },
  async postProcess({ artifact, config, data, run, signal, ui, ...known }) {
    const types = config.checksum_types.filter(isChecksumType);
    /** By output, since one name for several types is allowed. All lines are known before the first is written. */
    const lines = new Map<string, string>();
    for (const file of artifact.files) {
      const digests = await digestsOf(resolve(run.workingDirectory, file), { types, shown: file, signal });
      for (const [index, type] of types.entries()) {
        const output = renderOutput(config.output, known, data, { ChecksumType: type });
        lines.set(output, `${lines.get(output) ?? ""}${digests[index]}\t${basename(file)}\n`);
      }
    }
    for (const [output, text] of lines) {
      await append(resolve(run.workingDirectory, output), output, text);
      ui.say(`Checksums written to ${output}`);
    }
    const files = [...artifact.files, ...[...lines.keys()].filter((output) => !artifact.files.includes(output))];
    const made = fileArtifact({
      builderId: "packer.post-processor.checksum",
      id: "",
      files,
      description: `Created artifact from files: ${files.join(", ")}`,
      state: { generated_data: await artifact.state("generated_data") },
      workingDirectory: run.workingDirectory,
    });
    // The input's files are part of the result, so it is always kept.
    return { artifact: made, keep: true, forceKeep: true };
  },
});

// --- internal ---

async function digestsOf(
  path: string,
  { types, shown, signal }: { readonly types: readonly ChecksumType[]; readonly shown: string; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  try {
    return await digestFile(path, types, { signal });
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    throw new BuildError(`could not read ${shown} to make its checksum`, { code: "TPK6003", cause: error });
  }
}

/** Adds the text to the file, or leaves things as they were. */
async function append(path: string, shown: string, text: string): Promise<void> {
  let undo = async (): Promise<void> => {};
  try {
    await mkdir(dirname(path), { recursive: true });
    const before = await stat(path).catch(() => undefined);
    if (before === undefined) undo = () => rm(path, { force: true });
    else if (before.isFile()) undo = () => truncate(path, before.size);
    await appendFile(path, text);
  } catch (error) {
    // What went wrong first is told; a disk that is full lets files be made shorter.
    await undo().catch(() => undefined);
    throw new BuildError(`could not write ${shown}`, { code: "TPK6011", cause: error });
  }
}
