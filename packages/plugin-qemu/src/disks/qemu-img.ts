// qemu-img as a program: its words, its progress, its complaints.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { BuildError, CancelledError, LineWriter, type Ui } from "@tspack/core/sdk";
import * as z from "zod";
import { boundToUs, killedAtExit, killGroup } from "../machine/bound.ts";

export interface QemuImgOptions {
  readonly env: { readonly [name: string]: string | undefined };
  /** Absolute; relative paths in the words start here. */
  readonly cwd: string;
  /** Path of `setpriv`: qemu-img dies with us then, even from kill -9 (Linux). */
  readonly setpriv?: string | undefined;
  readonly ui: Ui;
  readonly signal: AbortSignal;
}

/** How the progress of a conversion is shown. */
export interface ShownProgress {
  readonly label: string;
  /** Size of the disk that is converted, as a machine sees it. */
  readonly totalBytes: number;
}

/** What qemu-img knows about an image. */
export interface ImageInfo {
  /** `qcow2`, `raw`, … */
  readonly format: string;
  /** Bytes that a machine sees. */
  readonly virtualSize: number;
  /** The image that this one is a difference to: `file` as it is written there, `path` as it is found from the working folder. */
  readonly backing: { readonly file: string; readonly format: string; readonly path: string } | undefined;
}

/**
 * Runs `qemu-img` with words as they are. With `shown` its progress is shown (the words must hold `-p`). Throws a
 * `BuildError` with qemu-img's own words when it fails (row QM-102), TPK6008 when it is missing, a cancellation on abort: it is killed
 * then, and what it was writing is the caller's to remove.
 */
export async function qemuImg(words: readonly string[], options: QemuImgOptions, shown?: ShownProgress): Promise<string> {
  const { env, cwd, ui, signal, setpriv } = options;
  if (signal.aborted) throw new CancelledError();
  ui.log("debug", `qemu-img ${words.map((word) => JSON.stringify(word)).join(" ")}`);
  const [program = "", ...args] = boundToUs(["qemu-img", ...words], setpriv);
  const child = spawn(program, args, { cwd, env: { ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const kill = (): void => killGroup(child);
  const release = killedAtExit(child);
  signal.addEventListener("abort", kill, { once: true });
  const complaints: string[] = [];
  const lines = new LineWriter((line) => {
    if (complaints.length < 10) complaints.push(line);
    ui.log("warn", `qemu-img: ${line}`);
  });
  child.stderr.pipe(lines);
  const printed = shown === undefined ? textOf(child.stdout) : progressOf(child.stdout, shown, ui);
  // What goes wrong with the program is said below.
  printed.catch(() => undefined);
  try {
    const ended = once(child, "close");
    const [code]: unknown[] = await ended;
    lines.flush();
    if (signal.aborted) throw new CancelledError();
    if (code === 0) return await printed;
    const said = complaints.length > 0 ? complaints.join("; ") : `it ended with ${String(code)}`;
    throw new BuildError(`qemu-img ${words[0] ?? ""} failed: ${said}`, fullAdvice(said));
  } catch (error) {
    if (child.pid !== undefined) throw error;
    throw new BuildError("qemu-img could not be started", {
      code: "TPK6008",
      hint: "install QEMU's tools: on Debian and Ubuntu the package qemu-utils, on Fedora qemu-img, with Homebrew qemu",
      cause: error,
    });
  } finally {
    release();
    signal.removeEventListener("abort", kill);
    await printed.catch(() => undefined);
  }
}

/** Asks what an image is. Throws a `BuildError` when it is none. */
export async function imageInfo(path: string, options: QemuImgOptions): Promise<ImageInfo> {
  const text = await qemuImg(["info", "--output=json", "-U", path], options);
  const info = infoSchema.parse(JSON.parse(text));
  const { "backing-filename": file, "backing-filename-format": backingFormat = "qcow2", "full-backing-filename": full } = info;
  return {
    format: info.format,
    virtualSize: info["virtual-size"],
    backing: file === undefined ? undefined : { file, format: backingFormat, path: full ?? file },
  };
}

/** What an error about a disk says besides, where the host has no space left for it. */
export function fullAdvice(text: string): { readonly code?: "TPK6011"; readonly hint?: string; readonly option?: string } {
  if (!/No space left on device|Disk quota exceeded/i.test(text)) return {};
  return {
    code: "TPK6011",
    hint: "free some space, or choose a folder on another disk with output_directory",
    option: "output_directory",
  };
}

// --- internal ---

const infoSchema = z.object({
  format: z.string(),
  "virtual-size": z.number(),
  "backing-filename": z.string().optional(),
  "backing-filename-format": z.string().optional(),
  "full-backing-filename": z.string().optional(),
});

/** What is printed about an image is never more than this, in bytes. */
const MOST_TEXT = 4 * 1024 * 1024;

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size <= MOST_TEXT) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Turns `(12.34/100%)` into so many bytes of the disk. */
async function progressOf(stream: Readable, { label, totalBytes }: ShownProgress, ui: Ui): Promise<string> {
  const progress = ui.progress(label, totalBytes);
  let done = 0;
  try {
    for await (const chunk of stream) {
      const percents = [...String(chunk).matchAll(/\((\d+\.\d+)\/100%\)/g)];
      const last = Math.round((Number(percents.at(-1)?.[1] ?? 0) / 100) * totalBytes);
      if (last > done) progress.advance(last - done);
      done = Math.max(done, last);
    }
    return "";
  } finally {
    progress.finish();
  }
}
