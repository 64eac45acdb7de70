// The main disk in the end: made small, or compressed (rows QM-97, QM-151 to QM-154).
import { rename, rm, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { BuildError } from "@tspack/core/sdk";
import type { QemuOptions } from "../options.ts";
import { imageInfo, type QemuImgOptions, qemuImg } from "./qemu-img.ts";
import { SMALL } from "./size.ts";

export interface FinishDiskOptions extends QemuImgOptions {
  readonly config: QemuOptions;
  /** The main disk. */
  readonly disk: string;
}

/** Whether the disk is rewritten at all. Raw images cannot get smaller, and a difference to another image stays one. */
export function isRewritten({ format, skip_compaction, use_backing_file, disk_compression }: QemuOptions): boolean {
  if (format === "raw") return false;
  return disk_compression || !(skip_compaction || use_backing_file);
}

/**
 * Rewrites the main disk without what it does not hold any more, and puts the result in its place in one step. A difference to another
 * image stays one (row QM-154). What was begun is removed when it fails.
 */
export async function finishDisk(options: FinishDiskOptions): Promise<void> {
  const { config, disk, cwd, ui } = options;
  const made = `${disk}.convert`;
  const words = config.disk_compression ? ["-c"] : [];
  // One that cannot be looked at is qemu-img's to judge.
  const file = await stat(resolve(cwd, disk)).catch(() => undefined);
  const isQuick = file !== undefined && file.size <= SMALL && !config.disk_compression;
  const info = isQuick ? undefined : await imageInfo(disk, options);
  if (config.use_backing_file && info?.backing !== undefined) words.push("-B", info.backing.file, "-F", info.backing.format);
  words.push(...(config.qemu_img_args?.convert ?? []));
  const progress = info === undefined ? undefined : { label: "disk", totalBytes: info.virtualSize };
  if (progress !== undefined) words.unshift("-p");
  ui.say(config.disk_compression ? "Compressing the disk..." : "Compacting the disk...");
  try {
    await qemuImg(["convert", ...words, "-O", config.format, disk, made], options, progress);
    await rename(resolve(cwd, made), resolve(cwd, disk));
  } catch (error) {
    await rm(resolve(cwd, made), { force: true });
    if (error instanceof Error && "syscall" in error) {
      throw new BuildError(`could not put the rewritten disk in the place of ${disk}`, { code: "TPK6011", cause: error });
    }
    throw error;
  }
}
