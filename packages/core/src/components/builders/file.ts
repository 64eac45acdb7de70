// The builder that writes one file (rows BLD-01..05). It has no steps, so `-on-error` does not apply to it (row RUN-12).
import { type FileHandle, open, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import * as z from "zod";
import { dummyCommunicator } from "../../communicator/dummy.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { BuildError, CancelledError, isCancellation } from "../../diagnostics/error.ts";
import type { BuilderContext } from "../../sdk/builder.ts";
import { defineBuilder } from "../../sdk/config/define.ts";
import { fileArtifact } from "../../sdk/file-artifact.ts";
import { HOOK_CLEANUP_PROVISION, HOOK_PROVISION } from "../../sdk/hook.ts";
import { withCleanUpProblems } from "../../sdk/steps/clean-up.ts";
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
  async run({ config, hook, ui, signal, run }) {
    const { source, target, content } = config;
    const path = resolve(run.workingDirectory, target);
    if (signal.aborted) throw new CancelledError();
    if (source === "") await writeOutput({ path, shown: target, content, freshMode: 0o600, signal });
    else {
      const from = await openSource(resolve(run.workingDirectory, source), source);
      ui.say(`Copying ${source} to ${target}`);
      await writeOutput({ path, shown: target, content: from.createReadStream(), freshMode: 0o666, signal });
    }
    await provision({ hook, ui, signal });
    return fileArtifact({
      builderId: "packer.file",
      id: "File",
      files: [target],
      description: `Stored file: ${target}`,
      state: { generated_data: {} },
      workingDirectory: run.workingDirectory,
    });
  },
});

// --- internal ---

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

/** The provisioners of a file have nothing to talk to, and all they ask for succeeds (row BLD-04). */
async function provision({ hook, ui, signal }: BuilderContext): Promise<void> {
  const communicator = dummyCommunicator();
  try {
    await hook.run(HOOK_PROVISION, { ui, communicator, data: {}, signal });
  } catch (failure) {
    if (isCancellation(failure) || signal.aborted) throw failure;
    const problems: Error[] = [];
    const fresh = new AbortController();
    await hook.run(HOOK_CLEANUP_PROVISION, { ui, communicator, data: {}, signal: fresh.signal }).catch((error: unknown) => {
      problems.push(new BuildError("the error-cleanup provisioner failed", { cause: error }));
    });
    throw withCleanUpProblems(failure, problems);
  }
}
