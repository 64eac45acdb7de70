// Which accelerator a machine gets when its template names none (row QM-197).
import { constants } from "node:fs";
import { access, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { cacheDirectory, type RunInfo, type Ui } from "@tspack/core/sdk";
import * as z from "zod";
import { architectureOf, isHostArchitecture, isX86 } from "../command-line/machine-kind.ts";
import type { Accelerator } from "../options.ts";
import { tryAccelerator } from "./trial.ts";

/** For which QEMU an accelerator is chosen, and where. */
export interface ChooseOptions {
  /** Path of the QEMU program. */
  readonly qemu: string;
  /** Path of `setpriv`, where there is one (Linux). */
  readonly setpriv: string | undefined;
  readonly run: RunInfo;
  readonly ui: Ui;
  readonly signal: AbortSignal;
}

/**
 * The fastest accelerator that can run a guest here. One that looks usable is tried with a guest of a few instructions, once for each
 * start of this host and each QEMU, and again in an hour when it did not work; why it is not taken is said. Emulation works
 * everywhere, so this fails only when it is cancelled, or when nothing can be written to the temporary folder.
 */
export async function chooseAccelerator(options: ChooseOptions): Promise<Accelerator> {
  const { qemu, ui } = options;
  const candidate = candidates[process.platform];
  if (candidate === undefined) return "tcg";
  const guest = architectureOf(qemu);
  if (!isHostArchitecture(guest)) {
    ui.log("info", `${basename(qemu)} emulates another processor than this host has`);
    return "tcg";
  }
  const closed = candidate === "kvm" ? await closedDevice() : undefined;
  if (closed !== undefined) {
    ui.say(`The machine is emulated, which is slow: ${closed}`);
    return "tcg";
  }
  // The guest of a trial is a program for PCs.
  if (!isX86({ architecture: guest })) return candidate;
  const trouble = await rememberedTrial(candidate, options);
  if (trouble === "") return candidate;
  ui.say(`The machine is emulated, which is slow: ${candidate} does not work here (${trouble})`);
  return "tcg";
}

// --- internal ---

const candidates: { readonly [platform: string]: Accelerator } = { linux: "kvm", darwin: "hvf" };
const TRIAL_MS = 2_000;
/** A host that was busy in that moment is not slow until it restarts: a trial that failed is made again after this time. */
const TROUBLE_HOLDS_MS = 60 * 60_000;

async function closedDevice(): Promise<string | undefined> {
  try {
    await access("/dev/kvm", constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT"
      ? "there is no /dev/kvm"
      : "/dev/kvm may not be opened; become a member of the group kvm";
  }
}

const cacheSchema = z.object({ key: z.string(), trouble: z.string() });

/** What a trial brought, from the cache or by doing it; `""` when the accelerator works. */
async function rememberedTrial(accelerator: Accelerator, { qemu, setpriv, run, ui, signal }: ChooseOptions): Promise<string> {
  const folder = resolve(run.workingDirectory, cacheDirectory(run.environment), "qemu");
  const file = join(folder, `${accelerator}.json`);
  const key = JSON.stringify([qemu, (await stat(qemu)).mtimeMs, await hostStart()]);
  try {
    const known = cacheSchema.parse(JSON.parse(await readFile(file, "utf8")));
    const isHeld = known.trouble === "" || Date.now() - (await stat(file)).mtimeMs < TROUBLE_HOLDS_MS;
    if (known.key === key && isHeld) return known.trouble;
  } catch {
    // Not tried yet, or not by this version.
  }
  await mkdir(run.temporaryDirectory, { recursive: true });
  const sectorPath = join(run.temporaryDirectory, `${accelerator}-trial.img`);
  let trouble: string;
  try {
    trouble = (await tryAccelerator(accelerator, { qemu, setpriv, env: run.environment, sectorPath, signal, limitMs: TRIAL_MS })) ?? "";
  } finally {
    await rm(sectorPath, { force: true });
  }
  ui.log("info", `trial of ${accelerator}: ${trouble === "" ? "works" : trouble}`);
  await remember(folder, file, { key, trouble });
  return trouble;
}

async function remember(folder: string, file: string, entry: z.infer<typeof cacheSchema>): Promise<void> {
  const fresh = `${file}.${process.pid}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(fresh, JSON.stringify(entry));
    await rename(fresh, file);
  } catch {
    // The trial is made again next time.
    await rm(fresh, { force: true });
  }
}

/** Changes with every start of the host, where that can be known. */
async function hostStart(): Promise<string> {
  try {
    return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  } catch {
    return "";
  }
}
