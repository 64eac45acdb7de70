import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { lstat, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { writeTar } from "../../../../archive/tar-writer.ts";
import { compressor } from "../../../../compression/compressor.ts";
import { BuildError } from "../../../../diagnostics/error.ts";
import type { PackerVariables, RunInfo } from "../../../../sdk/component.ts";
import type { Ui } from "../../../../sdk/ui.ts";
import type { OutputOption } from "../options.ts";
import { materialize } from "../tree/materialize.ts";
import type { TreeNode, TreeNodes } from "../tree/node.ts";
import type { RootTree } from "../tree/tree.ts";
import { writeExt4 } from "./ext4.ts";
import { writeOciArchive } from "./oci.ts";
import { parseSize } from "./size.ts";
import { type LayerNodes, tarEntries } from "./tar.ts";
import { writeFailed } from "./write-failed.ts";

export interface OutputContext {
  readonly tree: RootTree;
  /** Every output is written as if `layer_only` were set: the base is the running system. */
  readonly changesOnly: boolean;
  readonly nowSeconds: number;
  readonly packer: PackerVariables;
  readonly run: RunInfo;
  readonly ui: Ui;
  readonly signal: AbortSignal;
}

/** An output under the name it has until all of them are complete. */
interface Written {
  readonly partial: string;
  readonly path: string;
  /** Manifest digest of an OCI archive. */
  readonly digest?: string | undefined;
}

/**
 * Writes all outputs, then gives them their names: a failure or cancellation before that leaves nothing. Answers the build's
 * identity: the manifest digest of the first OCI archive, else the digest of the first output (of a folder's tar form).
 */
export async function writeOutputs(outputs: readonly OutputOption[], context: OutputContext): Promise<string> {
  const written: Written[] = [];
  const place = (output: OutputOption): Written => {
    const path = resolve(context.run.workingDirectory, output.path);
    return { path, partial: join(dirname(path), `.${basename(path)}.partial-${context.run.runUuid.slice(0, 8)}`) };
  };
  try {
    for (const output of outputs) {
      const target = place(output);
      context.ui.say(`Writing ${output.path} (${output.format})`);
      // Known before it is written, so that a half-written one is removed too.
      written.push(target);
      const digest = await writeOutput(output, target.partial, context).catch((cause: unknown) => {
        throw context.signal.aborted ? cause : writeFailed(output.path, cause);
      });
      written[written.length - 1] = { ...target, digest };
    }
    const id = written.find((output) => output.digest !== undefined)?.digest ?? (await firstDigest(outputs, written, context));
    context.signal.throwIfAborted();
    for (const { partial, path } of written) {
      if (context.packer.packer_force) await rm(path, { recursive: true, force: true });
      else await refuseExisting(path);
      await rename(partial, path).catch((cause: unknown) => {
        throw writeFailed(path, cause);
      });
    }
    return id;
  } catch (error) {
    await Promise.all(written.map(({ partial }) => rm(partial, { recursive: true, force: true })));
    throw error;
  }
}

async function writeOutput(output: OutputOption, file: string, context: OutputContext): Promise<string | undefined> {
  const { tree, nowSeconds, signal, run } = context;
  await mkdir(dirname(file), { recursive: true });
  const asLayer = context.changesOnly || output.layer_only;
  const layer = async (): Promise<LayerNodes> => (asLayer ? tree.changes : tree.wholeTree());
  const whole = async (): Promise<TreeNodes> => (asLayer ? withoutRemoved(tree.changes) : tree.wholeTree());
  switch (output.format) {
    case "oci-archive":
      return writeOciArchive(await layer(), { settings: output, file, createdSeconds: nowSeconds, signal });
    case "tar":
    case "tar.gz":
    case "tar.zst":
      await writeTarFile(await layer(), output, file, context);
      return undefined;
    case "ext4":
      await writeExt4(await whole(), {
        file,
        workFolder: join(run.temporaryDirectory, `${basename(file)}-ext4`),
        sizeBytes: output.size === undefined ? undefined : parseSize(output.size),
        label: output.label,
        latestSeconds: nowSeconds,
        environment: run.environment,
        signal,
      });
      return undefined;
    case "directory": {
      await mkdir(file);
      const { leftOut, otherOwners } = await materialize(await whole(), file, { latestSeconds: nowSeconds, signal });
      if (leftOut.length > 0) context.ui.say(`Left out of ${output.path}, because only root can make devices: ${leftOut.join(", ")}`);
      if (otherOwners.length > 0)
        context.ui.say(`${otherOwners.length} files in ${output.path} have other owners than they should, because only root can set them`);
      return undefined;
    }
  }
}

/** It was not there when the build was prepared. */
async function refuseExisting(path: string): Promise<void> {
  const exists = await lstat(path).then(
    () => true,
    () => false,
  );
  if (exists)
    throw new BuildError(`the output ${path} has appeared while it was built`, { code: "TPK6007", hint: "Do two builds write it?" });
}

async function writeTarFile(nodes: LayerNodes, output: OutputOption, file: string, context: OutputContext): Promise<void> {
  const { signal, run } = context;
  const tar = writeTar(tarEntries(nodes, { latestSeconds: context.nowSeconds, signal }));
  const target = createWriteStream(file, { flags: "wx" });
  if (output.format === "tar") return pipeline(tar, target, { signal });
  const format = output.format === "tar.gz" ? "gz" : "zst";
  return pipeline(tar, compressor(format, { level: output.compression_level, signal, environment: run.environment }), target, { signal });
}

async function firstDigest(outputs: readonly OutputOption[], written: readonly Written[], context: OutputContext): Promise<string> {
  const [output] = outputs;
  const [file] = written;
  if (output === undefined || file === undefined) throw new BuildError("there is no output");
  const hash = createHash("sha256");
  const source =
    output.format === "directory"
      ? writeTar(tarEntries(await context.tree.wholeTree(), { latestSeconds: context.nowSeconds, signal: context.signal }))
      : createReadStream(file.partial);
  for await (const chunk of source) {
    context.signal.throwIfAborted();
    hash.update(chunk);
  }
  return `sha256:${hash.digest("hex")}`;
}

function withoutRemoved(nodes: LayerNodes): TreeNodes {
  const kept = new Map<string, TreeNode>();
  for (const [path, node] of nodes) if (node !== undefined) kept.set(path, node);
  return kept;
}
