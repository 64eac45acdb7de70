// The post-processor that packs an artifact's files into one (rows PP-06..12).
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import * as z from "zod";
import { BuildError, CancelledError, TspackError } from "../../diagnostics/error.ts";
import { writeFinishedFile } from "../../files/finished-file.ts";
import { definePostProcessor } from "../../sdk/config/define.ts";
import { fileArtifact } from "../../sdk/file-artifact.ts";
import { archiveFormat, describeFormat } from "./compress/format.ts";
import { type ArchiveInput, findInput, writeArchive } from "./compress/write-archive.ts";
import { checkOutput, renderOutput } from "./output-template.ts";

export default definePostProcessor({
  type: "compress",
  description: "Packs the artifact's files into one archive or compressed file, and removes them.",
  options: () =>
    z.object({
      output: z
        .string()
        .default("packer_{{.BuildName}}_{{.BuilderType}}")
        .describe(
          "Path of the file to write; `{{.BuildName}}` and `{{.BuilderType}}` are filled in. Its extension is the format: zip, tar, gz, bgzf, lz4, xz, bzip2, zst, or tar and one of these, as in .tar.gz; tar.gz for any other.",
        ),
      format: z.string().default("").describe("Format in place of the one that the extension of `output` says, such as tar.gz."),
      compression_level: z
        .number()
        .int()
        .min(-1)
        .default(-1)
        .describe("From 1 (fast) to 9 (small). -1 and 0 mean the format's default, more than 9 means 9."),
    }),
  renderLater: ["output"],
  check: ({ config, isUnknown, ...known }) => (isUnknown("output") ? [] : checkOutput("output", config.output, known)),
  async postProcess({ artifact, config, data, run, signal, ui, ...known }) {
    const output = renderOutput(config.output, known, data);
    const target = resolve(run.workingDirectory, output);
    const format = archiveFormat(output, config.format);
    const inputs = await Promise.all(artifact.files.map((file) => findInput(file, resolve(run.workingDirectory, file))));
    await refuseOwnInput(inputs, target, output);
    ui.say(`Packing ${inputs.length === 1 ? inputs[0]?.name : `${inputs.length} files`} into ${output} (${describeFormat(format)})`);
    warnOfSameNames(inputs, format.archive, (text) => ui.error(text));
    const progress = ui.progress(
      output,
      inputs.reduce((sum, input) => sum + input.sizeBytes, 0),
    );
    try {
      const level = config.compression_level === 0 ? -1 : Math.min(config.compression_level, 9);
      const options = { format, level, signal, environment: run.environment, onBytes: (bytes: number) => progress.advance(bytes) };
      await writeFinishedFile(target, (temporary) => writeArchive(inputs, temporary, options));
    } catch (error) {
      if (signal.aborted) throw new CancelledError();
      if (TspackError.is(error)) throw error;
      throw new BuildError(`could not write ${output}`, { code: "TPK6011", cause: error });
    } finally {
      progress.finish();
    }
    const made = fileArtifact({
      builderId: "packer.post-processor.compress",
      id: "",
      files: [output],
      description: `compressed artifacts in: ${output}`,
      state: { generated_data: await artifact.state("generated_data") },
      workingDirectory: run.workingDirectory,
    });
    return { artifact: made, keep: false, forceKeep: false };
  },
});

// --- internal ---

/** An archive in place of its own input would be removed with it. */
async function refuseOwnInput(inputs: readonly ArchiveInput[], target: string, output: string): Promise<void> {
  const real = await realpath(target).catch(() => target);
  for (const input of inputs) {
    if ((await realpath(input.path)) !== real) continue;
    throw new BuildError(`${output} is both the file to compress and the file to write`, {
      code: "TPK6003",
      hint: "Choose another name in the argument output.",
    });
  }
}

/** In a tar archive files have their base names, so of two with the same one only the last would come out again. */
function warnOfSameNames(inputs: readonly ArchiveInput[], archive: string | undefined, warn: (text: string) => void): void {
  if (archive !== "tar") return;
  const names = inputs.map(({ name }) => name.slice(name.lastIndexOf("/") + 1));
  const doubled = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  if (doubled.length > 0) warn(`Several files are called ${doubled.join(", ")}; unpacking the archive gives only the last of each`);
}
