// Running one program inside a namespace, with its streams.
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CancelledError, CommunicatorError } from "../../diagnostics/error.ts";

export interface InsideCommand {
  readonly command: readonly [string, ...string[]];
  readonly environment: { readonly [name: string]: string | undefined };
  readonly stdin?: Readable | undefined;
  readonly stdout?: Writable | undefined;
  readonly stderr?: Writable | undefined;
  readonly signal: AbortSignal;
}

/** How long output may still come after the program itself has ended; a daemon it started may hold the stream for ever. */
const DRAIN_MS = 500;

/**
 * Runs a command to its end and answers its exit code; 128 plus the signal's number when a signal ended it. An abort kills it
 * with its process group. What it left running in the background goes on, with its output dropped.
 */
export async function runInside(options: InsideCommand): Promise<number> {
  const { command, signal, stdin, stdout, stderr } = options;
  if (signal.aborted) throw new CancelledError();
  const [program, ...args] = command;
  const child = spawn(program, args, {
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    env: options.environment,
    // A process group of its own, so that all of it can be killed.
    detached: true,
  });
  const stop = (): void => killGroup(child);
  signal.addEventListener("abort", stop, { once: true });
  const outputs = [follow(child.stdout, stdout), follow(child.stderr, stderr)];
  // The command may end without reading all of it.
  const fed = stdin === undefined || child.stdin === null ? undefined : pipeline(stdin, child.stdin).catch(() => {});
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once("error", (cause) => reject(new CommunicatorError(`${program} cannot be started`, { code: "TPK5006", cause })));
      child.once("exit", (code, name) => resolve(code ?? 128 + signalNumber(name)));
    });
    stdin?.destroy();
    await fed;
    const drained = Promise.all(outputs.map((output) => output.ended));
    await settledOrQuiet(drained, outputs);
    if (signal.aborted) throw new CancelledError();
    return exitCode;
  } finally {
    signal.removeEventListener("abort", stop);
    if (signal.aborted) stop();
    for (const output of outputs) output.release();
  }
}

/** One output stream of the program on its way to the caller. */
interface Followed {
  readonly ended: Promise<void>;
  /** Milliseconds since 1970 of the last chunk. */
  lastAtMs(): number;
  /** Nobody listens any more: what still comes is dropped, so that the writer does not block. */
  release(): void;
}

function follow(source: Readable | null, target: Writable | undefined): Followed {
  if (source === null) return { ended: Promise.resolve(), lastAtMs: () => 0, release() {} };
  let last = Date.now();
  let receiver = target;
  const goOn = (): void => {
    source.resume();
  };
  source.on("data", (chunk: Buffer) => {
    last = Date.now();
    if (receiver === undefined || receiver.destroyed || receiver.writableEnded) return;
    if (!receiver.write(chunk)) source.pause();
  });
  target?.on("drain", goOn);
  // A receiver that fails takes nothing more; the program shall not wait for it.
  target?.on("close", goOn);
  const ended = new Promise<void>((resolve) => {
    source.once("close", resolve);
    source.once("error", () => resolve());
  });
  return {
    ended,
    lastAtMs: () => last,
    release() {
      receiver = undefined;
      target?.off("drain", goOn);
      target?.off("close", goOn);
      source.resume();
      if ("unref" in source && typeof source.unref === "function") source.unref();
    },
  };
}

/** Resolves when all is read, or when nothing has come for a while. */
async function settledOrQuiet(drain: Promise<unknown>, outputs: readonly Followed[]): Promise<void> {
  let isDone = false;
  void drain.then(() => {
    isDone = true;
  });
  const exitedAt = Date.now();
  while (!isDone) {
    const quietSince = Math.max(exitedAt, ...outputs.map((output) => output.lastAtMs()));
    const left = quietSince + DRAIN_MS - Date.now();
    if (left <= 0) return;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      drain,
      new Promise((resolve) => {
        timer = setTimeout(resolve, left);
      }),
    ]);
    clearTimeout(timer);
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Numbers of the signals that end programs, as shells report them. */
function signalNumber(name: NodeJS.Signals | null): number {
  const numbers: { readonly [name: string]: number } = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGABRT: 6,
    SIGKILL: 9,
    SIGSEGV: 11,
    SIGPIPE: 13,
    SIGTERM: 15,
  };
  return numbers[name ?? ""] ?? 0;
}
