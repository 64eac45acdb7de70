// The base `{ debootstrap: … }`: a fresh Debian or Ubuntu from its package archive.
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { writeTar } from "../../../../archive/tar-writer.ts";
import { BuildError } from "../../../../diagnostics/error.ts";
import { findProgram } from "../../../../files/find-program.ts";
import { runTool } from "../output/run-tool.ts";
import { tarEntries } from "../output/tar.ts";
import { scanDirectory } from "../tree/scan.ts";
import type { BaseContext } from "./prepare-base.ts";

export interface DebootstrapOptions {
  readonly suite: string;
  readonly mirror?: string | undefined;
  readonly include?: readonly string[] | undefined;
  readonly components?: readonly string[] | undefined;
  readonly variant: string;
}

/** Makes the system with mmdebstrap, or debootstrap where that is all there is, and answers the path of a tar archive of it. */
export async function runDebootstrap(options: DebootstrapOptions, context: BaseContext): Promise<string> {
  const { run, signal, ui, workFolder } = context;
  const searchPath = run.environment.PATH ?? "";
  const archive = join(workFolder, "debootstrap.tar");
  const environment = {
    ...run.environment,
    SOURCE_DATE_EPOCH: String(context.nowSeconds),
    DEBIAN_FRONTEND: "noninteractive",
    TMPDIR: workFolder,
  };
  const tool = { environment, signal, onLine: (line: string) => ui.log("info", line) };
  ui.say(`Making a fresh ${options.suite} system`);
  const common = [`--variant=${options.variant}`];
  if (options.include !== undefined && options.include.length > 0) common.push(`--include=${options.include.join(",")}`);
  if (options.components !== undefined && options.components.length > 0) common.push(`--components=${options.components.join(",")}`);
  const mirror = options.mirror === undefined ? [] : [options.mirror];

  const mmdebstrap = await findProgram("mmdebstrap", searchPath);
  if (mmdebstrap !== undefined) {
    await runTool(mmdebstrap, [...common, "--format=tar", "--", options.suite, archive, ...mirror], tool).catch(explain);
    return archive;
  }
  const debootstrap = await findProgram("debootstrap", searchPath);
  if (debootstrap === undefined || process.getuid?.() !== 0) {
    throw new BuildError(
      debootstrap === undefined
        ? "the base debootstrap needs mmdebstrap or debootstrap, and neither is installed"
        : "debootstrap needs root, and this is an ordinary user",
      { code: "TPK6008", hint: "Install the package mmdebstrap, which works without root too." },
    );
  }
  const folder = join(workFolder, "debootstrap");
  await mkdir(folder);
  await runTool(debootstrap, [...common, "--", options.suite, folder, ...mirror], tool).catch(explain);
  const nodes = await scanDirectory(folder, "", { keepOwnership: true, signal });
  await pipeline(writeTar(tarEntries(nodes, { latestSeconds: context.nowSeconds, signal })), createWriteStream(archive), { signal });
  await rm(folder, { recursive: true, force: true });
  return archive;
}

function explain(cause: unknown): never {
  if (!(cause instanceof BuildError) || cause.code !== "TPK6011") throw cause;
  throw new BuildError(`the system could not be made: ${cause.message}`, {
    code: "TPK6001",
    hint: "Is the mirror reachable, and does it have the suite? The log (PACKER_LOG=1) has all that the program printed.",
  });
}
