// Files and folders to and from the machine that is being built (rows FP).
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import * as z from "zod";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { RunInfo } from "../../sdk/component.ts";
import { type Check, defineProvisioner } from "../../sdk/config/define.ts";
import { textList } from "../../sdk/config/options.ts";
import { downloadAll } from "../file/download.ts";
import { uploadAll, uploadContent } from "../file/upload.ts";
import { refusal } from "../shell/check.ts";
import { requireCommunicator } from "../shell/remote-file.ts";

function options() {
  return z.object({
    source: z.string().default("").describe("File or folder to transfer. A folder with a slash at the end means its contents."),
    sources: textList().default([]).describe("Several files or folders to transfer; `destination` should then end with a slash."),
    content: z.string().default("").describe("Text to upload as a file. Cannot be combined with `source` and `sources`."),
    destination: z.string().describe("Where to put it. A path with a slash at the end is the folder to put it into."),
    direction: z.enum(["upload", "download"]).default("upload").describe("`upload` to the machine or `download` from it."),
    generated: z.boolean().default(false).describe("The sources come into being during the build, so do not check them before it."),
  });
}

type FileConfig = z.output<ReturnType<typeof options>>;

export default defineProvisioner({
  type: "file",
  description: "Uploads files and folders to the machine, or downloads them from it.",
  options,
  check,
  async provision({ config, communicator, ui, signal, run }) {
    const machine = { communicator: requireCommunicator(communicator, "file"), ui, signal, run };
    const sources = sourcesOf(config);
    if (config.content !== "") await uploadContent(machine, config.content, config.destination);
    else if (config.direction === "download") await downloadAll(machine, sources, config.destination);
    else await uploadAll(machine, sources, config.destination);
  },
});

// --- internal ---

/** Row FP-01: the single source comes last. */
function sourcesOf({ source, sources }: FileConfig): readonly string[] {
  return source === "" ? sources : [...sources, source];
}

async function check({ config, run, isUnknown }: Check<FileConfig>): Promise<Diagnostic[]> {
  const problems: Diagnostic[] = [];
  const { content, destination, source, sources } = config;
  if (destination === "" && !isUnknown("destination")) {
    problems.push(refusal("TPK3104", ["destination"], "The destination is empty.", "Say where to put the file."));
  }
  const hasContent = content !== "" && !isUnknown("content");
  if (hasContent && (sourcesOf(config).length > 0 || isUnknown("source") || isUnknown("sources"))) {
    problems.push(refusal("TPK3106", ["content"], "What to transfer is given by content or by source and sources, not by both."));
  }
  if (hasContent && config.direction === "download") {
    problems.push(refusal("TPK3106", ["content"], "A content can be uploaded, not downloaded."));
  }
  if (hasContent && destination.endsWith("/")) {
    problems.push(
      refusal("TPK3105", ["destination"], "A content has no file name of its own.", "Write the name of the file behind the slash."),
    );
  }
  if (config.generated || config.direction === "download" || isUnknown("generated") || isUnknown("direction")) return problems;
  if (!isUnknown("source") && source !== "") problems.push(...(await checkSource(source, ["source"], run)));
  if (!isUnknown("sources")) {
    for (const [index, path] of sources.entries()) problems.push(...(await checkSource(path, ["sources", index], run)));
  }
  return problems;
}

/** Paths that hold template calls for run time are not looked at. */
async function checkSource(path: string, option: readonly (string | number)[], run: RunInfo): Promise<Diagnostic[]> {
  if (path.includes("{{")) return [];
  try {
    await stat(resolve(run.workingDirectory, path));
    return [];
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const detail = `The source ${JSON.stringify(path)} ${isMissing ? "does not exist" : "cannot be read"}.`;
    const hint = isMissing ? "If it comes into being during the build, set generated to true." : undefined;
    return [{ severity: "error", code: "TPK3107", summary: "File not found", detail, hint, path: option }];
  }
}
