// Runs `PLUGIN describe` or `PLUGIN specs`: a short run of a program that nobody knows yet, so its time and its output are bounded.
import { once } from "node:events";
import { PluginError } from "../diagnostics/error.ts";
import { withTail } from "../diagnostics/log-tail.ts";
import { type ProcessGroup, startProcessGroup } from "../sdk/process-group.ts";
import type { DescribeOptions } from "./describe.ts";
import { launchCommand } from "./launch.ts";
import { PluginLog } from "./plugin-log.ts";

const TIMEOUT_MS = 30_000;
/** Of its answer, and of its log. */
const LONGEST_OUTPUT = 4 * 1024 * 1024;

/** What a plugin prints when it is asked what it is. Throws as `askPlugin` does. */
export async function askDescription(file: string, options: AskOptions): Promise<string> {
  return askPlugin(file, "describe", options);
}

/** Whom to run a plugin for, and how long at most. */
export type AskOptions = Pick<DescribeOptions, "environment" | "workingDirectory" | "signal" | "timeoutMs">;

/**
 * What a plugin prints when it is started with one word. Throws a PluginError (TPK4001) with the end of its log when it cannot be run, fails,
 * takes too long or prints without end. It is killed then, with all that it started.
 */
export async function askPlugin(
  file: string,
  word: "describe" | "specs",
  { environment, workingDirectory, signal, timeoutMs = TIMEOUT_MS }: AskOptions,
): Promise<string> {
  signal?.throwIfAborted();
  const group = startProcessGroup([...(await launchCommand(file)), word], { env: environment, cwd: workingDirectory, graceMs: 0 });
  const log = new PluginLog("", () => undefined);
  group.child.stderr?.pipe(log);
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await outputOf(group, signal === undefined ? limit : AbortSignal.any([signal, limit]));
  } catch (cause) {
    if (signal?.aborted === true) throw signal.reason;
    log.flush();
    const why = limit.aborted ? `it did not answer within ${timeoutMs / 1000} s` : cause instanceof Error ? cause.message : String(cause);
    throw new PluginError(
      withTail(`the plugin ${file} could not be asked ${word === "describe" ? "what it is" : "for its options"}: ${why}`, log.tail),
      {
        code: "TPK4001",
        hint: "Is it a Packer plugin, and whole? Install it again, or take it away.",
      },
    );
  } finally {
    await group.stop();
  }
}

// --- internal ---

async function outputOf({ child }: ProcessGroup, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  let logged = 0;
  const flooded = new AbortController();
  child.stdout?.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length <= LONGEST_OUTPUT) chunks.push(chunk);
    else flooded.abort();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    logged += chunk.length;
    if (logged > LONGEST_OUTPUT) flooded.abort();
  });
  try {
    // What keeps its output open after its own end is still part of the answer.
    const [exitCode, signalCode]: unknown[] = await once(child, "close", { signal: AbortSignal.any([signal, flooded.signal]) });
    if (exitCode === 0) return Buffer.concat(chunks).toString("utf8");
    throw new Error(exitCode === null ? `it was ended by ${String(signalCode)}` : `it ended with exit code ${String(exitCode)}`);
  } catch (cause) {
    if (flooded.signal.aborted) {
      throw new Error(`it ${length > LONGEST_OUTPUT ? "printed" : "logged"} more than ${LONGEST_OUTPUT / 1024 / 1024} MB`);
    }
    throw cause;
  }
}
