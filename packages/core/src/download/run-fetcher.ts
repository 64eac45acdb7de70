import { once } from "node:events";
import { BuildError, CancelledError } from "../diagnostics/error.ts";
import { startProcessGroup } from "../sdk/process-group.ts";
import { withoutSecrets } from "./ask-service.ts";
import type { Environment } from "./proxy.ts";

/** A program that fetches, and whom it tells. */
export interface Fetcher {
  readonly program: "git" | "hg";
  readonly cwd: string;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Texts that no message may hold. */
  readonly secrets: readonly string[];
  /** The program is stopped when it says nothing for so long; never where it is 0 or not given. */
  readonly idleTimeoutMs?: number | undefined;
  /** Told what it writes to its error output, as it comes. */
  readonly onProgress?: ((text: string) => void) | undefined;
  /** Takes its standard output, whatever its size; else it is returned. */
  readonly onOutput?: ((bytes: AsyncIterable<Buffer>) => Promise<void>) | undefined;
}

/** Most of its output that is kept. */
const OUTPUT_BYTES = 64 * 1024;
const ERROR_TEXT_BYTES = 4096;

/**
 * Runs Git or Mercurial, which can ask nobody anything, and resolves to its output. Throws `BuildError`: TPK6008 when it is not installed,
 * TPK7001 when it fails or says nothing for too long, with what it said last.
 */
export async function runFetcher(args: readonly string[], fetcher: Fetcher): Promise<string> {
  const { program, cwd, environment, signal, secrets, idleTimeoutMs = 0 } = fetcher;
  if (signal.aborted) throw new CancelledError();
  const { child, stop } = startProcessGroup([program, ...args], { env: environment, cwd });
  let failure: Error | undefined;
  child.once("error", (error) => {
    failure = error;
  });
  let isIdle = false;
  const giveUp = (): void => {
    isIdle = true;
    void stop();
  };
  let timer = idleTimeoutMs > 0 ? setTimeout(giveUp, idleTimeoutMs) : undefined;
  const abort = (): void => void stop();
  signal.addEventListener("abort", abort, { once: true });
  let complaint = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    timer = timer?.refresh();
    const text = chunk.toString();
    complaint = (complaint + text).slice(-ERROR_TEXT_BYTES);
    fetcher.onProgress?.(text);
  });
  const closed = once(child, "close").catch(() => undefined);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const output = child.stdout ?? [];
    if (fetcher.onOutput !== undefined) await fetcher.onOutput(output as AsyncIterable<Buffer>);
    else {
      for await (const chunk of output as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size <= OUTPUT_BYTES) chunks.push(chunk);
      }
    }
    await closed;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    if (child.exitCode === null && child.signalCode === null) await stop();
  }
  if (signal.aborted) throw new CancelledError();
  if (failure !== undefined) throw cannotStart(program, failure);
  if (isIdle) throw new BuildError(`${program} ${args[0]} said nothing for ${idleTimeoutMs / 1000} seconds`, { code: "TPK7001" });
  if (child.exitCode !== 0) {
    const said = withoutSecrets(lastLines(complaint), secrets) || "it printed no reason";
    throw new BuildError(`${program} ${args[0]} failed with ${child.signalCode ?? `exit code ${child.exitCode}`}: ${said}`, {
      code: "TPK7001",
    });
  }
  return Buffer.concat(chunks).toString();
}

// --- internal ---

/** What it complained about, on one line, without the progress that it showed before. */
function lastLines(text: string): string {
  const lines = text.split("\n").map((line) => line.split("\r").at(-1)?.trim() ?? "");
  return lines
    .filter((line) => line !== "" && !/^(remote: )?[A-Z]\w+ (objects|deltas): /.test(line))
    .slice(-6)
    .join("; ");
}

function cannotStart(program: string, failure: Error): BuildError {
  const isMissing = "code" in failure && failure.code === "ENOENT";
  return new BuildError(isMissing ? `${program} is not installed` : `${program} cannot be started`, {
    code: "TPK6008",
    hint: `Install it; on Debian it is in the package ${program === "hg" ? "mercurial" : program}.`,
    cause: isMissing ? undefined : failure,
  });
}
