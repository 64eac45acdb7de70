// The disks a machine starts with (rows QM-80 to QM-82, QM-98 to QM-101).
import { constants, createReadStream, createWriteStream, existsSync } from "node:fs";
import { chmod, copyFile, rm, stat } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BuildError, CancelledError, errorText } from "@tspack/core/sdk";
import type { QemuOptions } from "../options.ts";
import { networkDriverHint } from "./network-driver.ts";
import { fullAdvice, type ImageInfo, imageInfo, type QemuImgOptions, qemuImg } from "./qemu-img.ts";
import { diskSize, SMALL, sizeInBytes } from "./size.ts";

export interface PrepareDisksOptions extends QemuImgOptions {
  readonly config: QemuOptions;
  /** Folder for the disks, as the user should see it. */
  readonly outputDirectory: string;
  /** Name of the main disk; further ones get `-1`, `-2`, … behind it. */
  readonly name: string;
  /** The disk image to start from: a path, or a URL that QEMU is to read itself. Undefined for an empty disk. */
  readonly image: string | undefined;
}

/** Makes the disks and resolves to their paths, main one first. Throws a `BuildError` that says which disk and why. */
export async function prepareDisks(options: PrepareDisksOptions): Promise<readonly string[]> {
  const { config, outputDirectory, name, image, ui } = options;
  const main = join(outputDirectory, name);
  const size = diskSize(config.disk_size) ?? "40960M";
  if (image === undefined) await create(main, size, [], options);
  else if (config.use_backing_file) await create(main, await overlaySize(image, size, options), await backing(image, options), options);
  else {
    const info = await inspectImage(image, options);
    const target = targetSize(info, size, options);
    await copyImage(image, main, info, options);
    if (target !== undefined) {
      ui.say("Resizing the disk...");
      await qemuImg(["resize", "-f", config.format, ...(config.qemu_img_args?.resize ?? []), main, target], options);
    }
  }
  const further: string[] = [];
  for (const [index, wanted] of (config.disk_additional_size ?? []).entries()) {
    const path = `${main}-${index + 1}`;
    await create(path, wanted, [], options);
    further.push(path);
  }
  return [main, ...further];
}

// --- internal ---

async function create(path: string, size: string, words: readonly string[], options: PrepareDisksOptions): Promise<void> {
  const { config, ui } = options;
  ui.say(`Creating the disk ${path} (${/^\d+$/.test(size) ? megabytes(Number(size)) : size})...`);
  await qemuImg(["create", "-q", "-f", config.format, ...words, ...(config.qemu_img_args?.create ?? []), path, size], options);
}

/** The words that make a disk a difference to the image, whose path is absolute there. */
async function backing(image: string, options: PrepareDisksOptions): Promise<readonly string[]> {
  const { format } = await inspectImage(image, options);
  const base = isLocation(image) ? image : resolve(options.cwd, image);
  return ["-b", base, "-F", format];
}

/** A difference cannot be smaller than what it is a difference to. */
async function overlaySize(image: string, size: string, options: PrepareDisksOptions): Promise<string> {
  const info = await inspectImage(image, options);
  return targetSize(info, size, options) ?? String(info.virtualSize);
}

/** The size that the disk has to get; undefined when it stays as it is. Throws when it would have to shrink (row QM-100). */
function targetSize({ virtualSize }: ImageInfo, size: string, { config, ui }: PrepareDisksOptions): string | undefined {
  if (config.skip_resize_disk) return undefined;
  const wanted = sizeInBytes(size) ?? 0;
  if (wanted === virtualSize) return undefined;
  if (wanted > virtualSize || config.qemu_img_args?.resize?.includes("--shrink") === true) return size;
  if (config.disk_size === undefined) {
    ui.say(`The disk image is larger than 40 GiB: its size of ${megabytes(virtualSize)} is kept`);
    return undefined;
  }
  throw new BuildError(`the disk image has ${megabytes(virtualSize)}, and disk_size is only ${size}`, {
    code: "TPK3105",
    option: "disk_size",
    hint: `set disk_size to "${megabytes(virtualSize)}" or more, or skip_resize_disk to true`,
  });
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)}M`;
}

async function inspectImage(image: string, options: PrepareDisksOptions): Promise<ImageInfo> {
  let info: ImageInfo;
  try {
    info = await imageInfo(image, options);
  } catch (error) {
    if (options.signal.aborted) throw error;
    const hint = networkDriverHint(errorText(error));
    throw new BuildError(`${image} cannot be used as a disk image`, { cause: error, hint, option: "iso_url" });
  }
  const base = info.backing?.path ?? "";
  if (base !== "" && !isLocation(base) && !/^[a-z]+:/.test(base) && !existsSync(resolve(options.cwd, base))) {
    throw new BuildError(`the disk image ${image} is a difference to ${base}, which does not exist`, {
      hint: `put that image back to its place, or write its new place into this one: qemu-img rebase -u -b NEW -F ${info.backing?.format} ${image}`,
      option: "iso_url",
    });
  }
  return info;
}

/** Copies an image that is right as it is, and converts any other (row QM-99). */
async function copyImage(image: string, target: string, info: ImageInfo, options: PrepareDisksOptions): Promise<void> {
  const { config, ui, cwd } = options;
  const words = config.qemu_img_args?.convert ?? [];
  const isRight = info.format === config.format && info.backing === undefined && extname(image) === `.${config.format}`;
  if (isRight && words.length === 0 && !isLocation(image)) {
    ui.say("Copying the disk image...");
    await copyBytes(resolve(cwd, image), target, options);
    return;
  }
  ui.say(`Converting the disk image to ${config.format}...`);
  await qemuImg(["convert", "-p", ...words, "-O", config.format, image, target], options, {
    label: "disk image",
    totalBytes: info.virtualSize,
  });
}

/** Shares the blocks where the file system can. Elsewhere a small image is copied by the system, which is quickest, and a large one with progress. */
async function copyBytes(from: string, target: string, options: PrepareDisksOptions): Promise<void> {
  const to = resolve(options.cwd, target);
  try {
    const { size } = await stat(from);
    const isCopied = await copyFile(from, to, size <= SMALL ? constants.COPYFILE_FICLONE : constants.COPYFILE_FICLONE_FORCE).then(
      () => true,
      // Most file systems share no blocks: of a large image this says no more than that.
      (error: unknown) => (size <= SMALL ? Promise.reject(error) : false),
    );
    if (isCopied) {
      // The image may be one that nobody may write to.
      await chmod(to, 0o644);
      return;
    }
    await rm(to, { force: true });
    await copyWithProgress(from, to, size, options);
  } catch (error) {
    if (options.signal.aborted) throw new CancelledError();
    throw new BuildError(`could not copy the disk image to ${target}`, { code: "TPK6011", ...fullAdvice(errorText(error)), cause: error });
  }
}

async function copyWithProgress(from: string, to: string, size: number, { ui, signal }: PrepareDisksOptions): Promise<void> {
  const progress = ui.progress("disk image", size);
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      progress.advance(chunk.length);
      done(null, chunk);
    },
  });
  try {
    await pipeline(createReadStream(from, { highWaterMark: CHUNK }), count, createWriteStream(to, { flags: "wx" }), { signal });
  } finally {
    progress.finish();
  }
}

const CHUNK = 1024 * 1024;

function isLocation(image: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(image);
}
