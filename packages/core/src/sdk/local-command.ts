import { once } from "node:events";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BuildError, CancelledError } from "../diagnostics/error.ts";
import { outputWriter } from "./output-writer.ts";
import { type ProcessGroup, startProcessGroup } from "./process-group.ts";
import type { Ui } from "./ui.ts";

export interface LocalCommandOptions {
  /** The whole environment of the program. */
  readonly env: { readonly [name: string]: string | undefined };
  /** Absolute. */
  readonly cwd: string;
  readonly ui: Ui;
  readonly signal: AbortSignal;
  /** Standard input; destroyed when the program ends first. Empty unless given. */
  readonly stdin?: Readable | undefined;
  /** How long the program has to end after an abort before it is killed, in milliseconds; 5 seconds unless given. */
  readonly graceMs?: number | undefined;
}

/**
 * Runs a program on this machine, without a shell, and shows its output line by line. Resolves to its exit code (128 and the
 * number of the signal, when one ended it) once its output has ended. On abort the program and all it started are stopped,
 * then it rejects with a cancellation. A program that cannot be started is a `BuildError` (TPK6008).
 */
export async function runLocal(argv: readonly [string, ...string[]], options: LocalCommandOptions): Promise<number> {
  const { ui, signal, stdin } = options;
  if (signal.aborted) throw new CancelledError();
  const group = start(argv, options);
  const stdout = outputWriter(ui, "stdout");
  const stderr = outputWriter(ui, "stderr");
  group.child.stdout?.pipe(stdout);
  group.child.stderr?.pipe(stderr);
  // A program need not read its input to the end.
  if (stdin !== undefined && group.child.stdin !== null) pipeline(stdin, group.child.stdin).catch(() => undefined);
  try {
    return await endOf(group, argv[0], signal);
  } finally {
    stdin?.destroy();
    stdout.flush();
    stderr.flush();
  }
}

// --- internal ---

function start(argv: readonly [string, ...string[]], options: LocalCommandOptions): ProcessGroup {
  try {
    return startProcessGroup(argv, { ...options, hasInput: options.stdin !== undefined });
  } catch (error) {
    // Some failures come at once, such as an argument list that is too long.
    throw notStarted(argv[0], error);
  }
}

function notStarted(program: string, cause: unknown): BuildError {
  return new BuildError(`could not start ${JSON.stringify(program)}`, { code: "TPK6008", cause });
}

async function endOf({ child, stop }: ProcessGroup, program: string, signal: AbortSignal): Promise<number> {
  const done = new AbortController();
  const ended = once(child, "close", { signal: done.signal }).catch((error: unknown) => {
    throw notStarted(program, error);
  });
  const aborted = once(signal, "abort", { signal: done.signal }).then(async () => {
    await stop();
    throw new CancelledError();
  });
  try {
    const [code, killedBy]: unknown[] = await Promise.race([ended, aborted]);
    // Killed while we were stopping it: that is the cancellation, however it looks.
    if (signal.aborted) await aborted;
    return typeof code === "number" ? code : 128 + signalNumber(killedBy);
  } finally {
    done.abort();
    await Promise.allSettled([ended, aborted]);
  }
}

function signalNumber(name: unknown): number {
  return Object.entries(constants.signals).find(([known]) => known === name)?.[1] ?? 0;
}
