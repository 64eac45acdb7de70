import { spawn } from "node:child_process";
import { pipeline } from "node:stream/promises";
import { BuildError, CancelledError } from "../diagnostics/error.ts";
import type { ByteStage } from "./byte-stage.ts";

/** A program that turns its standard input into its standard output. */
export interface FilterProgram {
  readonly program: string;
  readonly args: readonly string[];
  /** Where to get it, for the message when it is missing. */
  readonly debianPackage: string;
  /** What it is needed for: `to write .xz files`. */
  readonly purpose: string;
}

export interface FilterOptions {
  readonly signal: AbortSignal;
  /** Environment of the program (its PATH finds it); the process's unless given. */
  readonly environment?: { readonly [name: string]: string | undefined } | undefined;
}

/** Most of its error output that a message repeats. */
const ERROR_TEXT_BYTES = 4096;

/**
 * A stage that sends bytes through a program. The program is gone when the stage has ended, whether it was read to the end,
 * left early, failed or was aborted. Throws `BuildError`: TPK6008 when the program is not installed, TPK6011 when it fails.
 */
export function throughProgram(filter: FilterProgram, { signal, environment }: FilterOptions): ByteStage {
  return async function* (source) {
    if (signal.aborted) throw new CancelledError();
    const child = spawn(filter.program, filter.args, { stdio: ["pipe", "pipe", "pipe"], env: environment ?? process.env });
    const ended = new Promise<{ readonly failure?: Error; readonly status?: string }>((resolve) => {
      child.once("error", (failure) => resolve({ failure }));
      child.once("close", (code, name) => resolve(code === 0 ? {} : { status: code === null ? `signal ${name}` : `exit code ${code}` }));
    });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => {
      if (complaint.length < ERROR_TEXT_BYTES) complaint += chunk.toString();
    });
    const stop = (): void => {
      child.kill("SIGKILL");
    };
    signal.addEventListener("abort", stop, { once: true });

    let sourceFailure: { readonly error: unknown } | undefined;
    const watched = async function* () {
      try {
        yield* source;
      } catch (error) {
        sourceFailure = { error };
        throw error;
      }
    };
    // A failure here is either the source's, told apart above, or the program's, which its exit tells better.
    const fed = pipeline(watched(), child.stdin).catch(() => {
      if (sourceFailure !== undefined) stop();
    });
    try {
      for await (const chunk of child.stdout) yield chunk;
      const { failure, status } = await ended;
      if (signal.aborted) throw new CancelledError();
      await fed;
      if (sourceFailure !== undefined) throw sourceFailure.error;
      if (failure !== undefined) throw cannotStart(filter, failure);
      if (status !== undefined) {
        throw new BuildError(`${filter.program} failed with ${status}: ${complaint.trim() || "it printed no reason"}`, { code: "TPK6011" });
      }
    } finally {
      signal.removeEventListener("abort", stop);
      stop();
      await ended;
    }
  };
}

function cannotStart(filter: FilterProgram, failure: Error): BuildError {
  const missing = "code" in failure && failure.code === "ENOENT";
  return new BuildError(
    missing
      ? `${filter.program} is needed ${filter.purpose}, and it is not installed`
      : `${filter.program}, needed ${filter.purpose}, cannot be started`,
    { code: "TPK6008", hint: `Install it; on Debian it is in the package ${filter.debianPackage}.`, cause: missing ? undefined : failure },
  );
}
