// The post-processor that records builds in a JSON file (rows PP-13..19).
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import * as z from "zod";
import { BuildError, CancelledError, errorText, TspackError } from "../../diagnostics/error.ts";
import { writeFinishedFile } from "../../files/finished-file.ts";
import { withFileLock } from "../../locks/file-lock.ts";
import { definePostProcessor } from "../../sdk/config/define.ts";
import { textMap } from "../../sdk/config/options.ts";
import { type BuildRecord, formatManifest, type Manifest, parseManifest } from "./manifest/records.ts";

export default definePostProcessor({
  type: "manifest",
  description: "Records the build and its artifact in a JSON file, beside those of earlier builds.",
  options: () =>
    z.object({
      output: z.string().default("packer-manifest.json").describe("Path of the file; records are added to one that is there."),
      strip_path: z.boolean().default(false).describe("Record the names of files without their folders."),
      strip_time: z.boolean().default(false).describe("Leave out the time of the build."),
      custom_data: textMap().default({}).describe("Texts of your own to record; values of the build can be filled in."),
    }),
  async postProcess({ artifact, config, packer, run, signal, ui }) {
    const path = resolve(run.workingDirectory, config.output);
    const files = await Promise.all(
      artifact.files.map(async (file) => ({
        name: config.strip_path ? basename(file) : file,
        size: await sizeOf(resolve(run.workingDirectory, file)),
      })),
    );
    const custom = Object.entries(config.custom_data).sort(([a], [b]) => (a < b ? -1 : 1));
    const record: BuildRecord = {
      name: packer.packer_build_name,
      builder_type: packer.packer_builder_type,
      ...(config.strip_time ? {} : { build_time: Math.floor(buildTimeMs(run) / 1000) }),
      files: files.length === 0 ? null : files,
      artifact_id: artifact.id,
      packer_run_uuid: run.runUuid,
      custom_data: custom.length === 0 ? null : Object.fromEntries(custom),
    };
    try {
      await mkdir(dirname(path), { recursive: true });
      const onWait = (): void => ui.log("info", `waiting for ${config.output}.lock`);
      await withFileLock(`${path}.lock`, { signal, onWait }, async () => {
        const before = await read(path, config.output);
        const afresh = packer.packer_force && before.last_run_uuid !== run.runUuid;
        const after = { builds: [...(afresh ? [] : before.builds), record], last_run_uuid: run.runUuid };
        await writeFinishedFile(path, (temporary) => writeFile(temporary, formatManifest(after), { flag: "wx" }));
      });
    } catch (error) {
      if (signal.aborted) throw new CancelledError();
      if (TspackError.is(error)) throw error;
      throw new BuildError(`could not write ${config.output}`, { code: "TPK6011", cause: error });
    }
    return { artifact, keep: true, forceKeep: true };
  },
});

// --- internal ---

/** As in Packer, a file that is gone counts as empty. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Now; but a run whose clock is fixed writes the same manifest each time. */
function buildTimeMs(run: { readonly startedAtMs: number; readonly environment: { readonly [name: string]: string | undefined } }): number {
  return run.environment.SOURCE_DATE_EPOCH === undefined ? Date.now() : run.startedAtMs;
}

async function read(path: string, shown: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { builds: [], last_run_uuid: "" };
    throw error;
  }
  try {
    return parseManifest(text);
  } catch (error) {
    throw new BuildError(`${shown} exists, but is not a manifest: ${errorText(error)}`, {
      code: "TPK6003",
      hint: "Move it away, or choose another name in the argument output.",
    });
  }
}
