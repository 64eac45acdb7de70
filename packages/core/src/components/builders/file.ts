// The builder that writes one file (rows BLD-01..05). Packer's has no steps, so that it neither heeds `-on-error` (row RUN-12) nor
// runs the error-cleanup provisioner; this one does both.
import { type FileHandle, open, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import * as z from "zod";
import { dummyCommunicator } from "../../communicator/dummy.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { BuildError, CancelledError } from "../../diagnostics/error.ts";
import { defineBuilder } from "../../sdk/config/define.ts";
import { fileArtifact } from "../../sdk/file-artifact.ts";
import { provisionStep } from "../../sdk/steps/provision.ts";
import { runSteps } from "../../sdk/steps/runner.ts";
import type { Step } from "../../sdk/steps/step.ts";
import { writeWholeFile } from "../whole-file.ts";

function options() {
  return z.object({
    target: z.string().describe("Path of the file to write. Missing folders are created; a file that is there is replaced."),
    source: z.string().default("").describe("File to copy to the target. Cannot be combined with `content`."),
    content: z.string().default("").describe("Text of the file. Cannot be combined with `source`."),
  });
}

export default defineBuilder({
  type: "file",
  description: "Writes one file, from a text or from another file.",
  options,
  check({ config, isUnknown }): Diagnostic[] {
    if (config.target === "") {
      const detail = "The path of the file to write is empty.";
      return [{ severity: "error", code: "TPK3104", summary: "Missing required argument", detail, path: ["target"] }];
    }
    if (isUnknown("source") || isUnknown("content")) return [];
    if (config.source !== "" && config.content !== "") {
      const detail = "The file is made from source or from content: only one of them may be given.";
      return [{ severity: "error", code: "TPK3106", summary: "Conflicting arguments", detail, path: ["content"] }];
    }
    if (config.source === "" && config.content === "") {
      const detail = "Neither source nor content is given, so the file will be empty.";
      return [{ severity: "warning", code: "TPK3110", summary: "Empty file", detail, path: ["target"] }];
    }
    return [];
  },
  async run({ config, hook, ui, signal, packer, run }) {
    const communicator = dummyCommunicator();
    // They have nothing to talk to, and all they ask for succeeds (row BLD-04).
    const provision = provisionStep({ hook, communicator: () => communicator, data: () => ({}) });
    await runSteps([writeStep(config), provision], { ui, signal, packer, run });
    return fileArtifact({
      builderId: "packer.file",
      id: "File",
      files: [config.target],
      description: `Stored file: ${config.target}`,
      state: { generated_data: {} },
      workingDirectory: run.workingDirectory,
    });
  },
});

// --- internal ---

/** Has nothing to clean up: the file stays, as in Packer, also when provisioning fails. */
function writeStep({ source, target, content }: z.output<ReturnType<typeof options>>): Step {
  return {
    name: "write",
    async run({ ui, signal, run }) {
      const path = resolve(run.workingDirectory, target);
      if (source === "") return writeOutput({ path, shown: target, content, freshMode: 0o600, signal });
      const from = await openSource(resolve(run.workingDirectory, source), source);
      ui.say(`Copying ${source} to ${target}`);
      await writeOutput({ path, shown: target, content: from.createReadStream(), freshMode: 0o666, signal });
    },
  };
}

async function openSource(path: string, shown: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw new BuildError(`could not read ${shown}`, { code: "TPK3107", cause: error });
  }
}

interface Output {
  /** Absolute. */
  readonly path: string;
  /** The path as the user wrote it. */
  readonly shown: string;
  /** A stream is destroyed at the end, whatever that is. */
  readonly content: string | Readable;
  /** Permission bits, less the process's mask, of a file that was not there. */
  readonly freshMode: number;
  readonly signal: AbortSignal;
}

async function writeOutput({ path, shown, content, freshMode, signal }: Output): Promise<void> {
  try {
    await writeWholeFile(path, (to) => writeFile(to, content, { signal, mode: freshMode }));
  } catch (error) {
    if (signal.aborted) throw new CancelledError("cancelled", { cause: error });
    throw new BuildError(`could not write ${shown}`, { code: "TPK6011", cause: error });
  } finally {
    if (typeof content !== "string") content.destroy();
  }
}
