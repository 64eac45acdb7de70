import { lstat, mkdir, realpath, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, parse, relative, resolve, sep } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { BuildError, errorText } from "../../diagnostics/error.ts";
import { claimedByOther, claimOutput, type OutputClaim, type OutputClaimOptions } from "./output-claim.ts";
import type { Step, StepContext } from "./step.ts";

/** Which directory the step makes. */
export interface OutputDirectoryStepOptions {
  /** Where the builder writes what it makes: absolute, or relative to the working directory of the run. */
  readonly directory: string;
  /** Time between two tries to remove it, in milliseconds; 2 s unless given. */
  readonly retryPauseMs?: number | undefined;
}

/**
 * Says before a build starts what the step would fail with: another build of the run has the directory, or it exists and `-force` was not
 * given. The words and their order are the step's, since it depends on when a build is prepared which of the two a user sees.
 */
export async function checkOutputDirectory(directory: string, { packer, run }: Pick<StepContext, "packer" | "run">): Promise<Diagnostic[]> {
  const path = resolve(run.workingDirectory, directory);
  const claimed = await claimedByOther(claimOptions(path, directory, { packer, run }));
  if (claimed !== undefined) return [diagnosticOf(claimed)];
  if (packer.packer_force) return [];
  const isThere = await exists(path).catch(() => false);
  return isThere ? [diagnosticOf(existsError(directory))] : [];
}

/** A guest that is being ended may hold a file for a moment. */
const TRIES = 5;

/**
 * The step that makes the directory for what a builder makes (row MISC-03, mode 0755, parents too). One that exists fails the build
 * (TPK6007), even when it is empty; with `-force` it is removed first, unless it is or holds the working directory. A directory that
 * cannot be written to is found out now. After a failure or a cancellation the whole directory is removed again, in five tries; one
 * that was there before is left alone. Of two builds of a run that name the same one the second fails, whatever `-force` says: a
 * builder that tells its `outputs` has that found before any starts.
 */
export function outputDirectoryStep({ directory, retryPauseMs = 2_000 }: OutputDirectoryStepOptions): Step {
  let isOurs = false;
  let claim: OutputClaim | undefined;
  return {
    name: "make the output directory",
    async run({ ui, packer, run }) {
      const path = resolve(run.workingDirectory, directory);
      claim ??= await claimOutput(claimOptions(path, directory, { packer, run }));
      // A retried step finds what the attempt before has made.
      if (!isOurs && (await exists(path))) {
        if (!packer.packer_force) throw existsError(directory);
        await refuseToRemove(path, directory, run.workingDirectory);
        ui.say(`Removing the output directory ${directory}, as -force says`);
        await rm(path, { recursive: true, force: true });
      }
      if (!isOurs) await makeAlone(path, directory);
      isOurs = true;
      await requireWritable(path, directory);
    },
    async cleanup({ failure, run, ui, signal }) {
      if (!isOurs || failure === undefined) return;
      ui.say(`Removing the output directory ${directory}`);
      await removeAtLast(resolve(run.workingDirectory, directory), { directory, retryPauseMs, ui, signal });
      await claim?.release();
    },
  };
}

// --- internal ---

function claimOptions(path: string, directory: string, { packer, run }: Pick<StepContext, "packer" | "run">): OutputClaimOptions {
  return { path, directory, runDirectory: run.environment.TSPACK_RUN_DIRECTORY, build: packer.packer_build_name };
}

function diagnosticOf({ code, message, hint }: BuildError): Diagnostic {
  const detail = `${message.replace(/^t/, "T")}.`;
  return { severity: "error", code, summary: "Invalid argument value", detail, hint, path: ["output_directory"] };
}

async function exists(path: string): Promise<boolean> {
  try {
    // A link that leads nowhere is there too, and not ours to remove.
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw new BuildError(`the output directory ${path} cannot be looked at`, { code: "TPK6011", cause: error });
  }
}

/** `output_directory = "."` with -force must not cost the user the project. */
async function refuseToRemove(path: string, directory: string, workingDirectory: string): Promise<void> {
  const way = relative(await realpath(path).catch(() => path), await realpath(workingDirectory));
  const isOutside = way === ".." || way.startsWith(`..${sep}`) || resolve(way) === way;
  if (isOutside && path !== parse(path).root) return;
  throw new BuildError(`the output directory ${directory} holds the working directory, and is not removed even with -force`, {
    code: "TPK6007",
    option: "output_directory",
    hint: "Choose a directory that is made for the output.",
  });
}

function existsError(directory: string): BuildError {
  return new BuildError(`"output_directory" is ${JSON.stringify(directory)}, which exists already`, {
    code: "TPK6007",
    option: "output_directory",
    hint: "Remove it, choose another one, or use -force to replace it.",
  });
}

/** Fails where it is there: of two builds with one directory, the second would take it for its own, and remove it when it fails. */
async function makeAlone(path: string, directory: string): Promise<void> {
  try {
    await makeWithParents(dirname(path));
    await mkdir(path, { mode: 0o755 });
  } catch (cause) {
    throw codeOf(cause) === "EEXIST" ? existsError(directory) : unwritable(directory, cause);
  }
}

async function requireWritable(path: string, directory: string): Promise<void> {
  try {
    const probe = join(path, ".tspack-write-test");
    await writeFile(probe, "");
    await rm(probe);
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

function unwritable(directory: string, cause: unknown): BuildError {
  return new BuildError(`the output directory ${directory} cannot be written to`, {
    code: "TPK6011",
    option: "output_directory",
    cause,
    hint: "choose another one with output_directory",
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/**
 * Makes a directory and those above it. Node's own way tries for ever where a file system answers ENOENT although the directory above is
 * there, as automounters and `/proc` do.
 */
async function makeWithParents(path: string): Promise<void> {
  const make = async (): Promise<void> => {
    try {
      await mkdir(path, { mode: 0o755 });
    } catch (error) {
      // Another build may have made it in this moment.
      if (codeOf(error) !== "EEXIST" || !(await stat(path)).isDirectory()) throw error;
    }
  };
  try {
    await make();
  } catch (error) {
    const parent = dirname(path);
    if (codeOf(error) !== "ENOENT" || parent === path) throw error;
    await makeWithParents(parent);
    await make();
  }
}

interface Removal extends Pick<StepContext, "ui" | "signal"> {
  readonly directory: string;
  readonly retryPauseMs: number;
}

async function removeAtLast(path: string, { directory, retryPauseMs, ui, signal }: Removal): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await rm(path, { recursive: true, force: true });
      return;
    } catch (cause) {
      if (tries === TRIES)
        throw new BuildError(`the output directory ${directory} could not be removed`, { cause, hint: "Remove it by hand." });
      ui.log("warn", `the output directory could not be removed yet: ${errorText(cause)}`);
      await wait(retryPauseMs, undefined, { signal });
    }
  }
}
