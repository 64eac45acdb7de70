import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { ReadStream } from "node:tty";
import { type Answerer, BuildError } from "@tspack/core";
import type { Host } from "./command.ts";
import type { Display } from "./display/display.ts";

/**
 * Answers a run's questions from the controlling terminal, one at a time (row OUT-10). Without a terminal, in the background, in
 * machine-readable and JSON mode questions fail; once one was interrupted, so do all later ones.
 */
export function terminalAnswerer(host: Host, display: Display, options: { readonly isJson: boolean }): Answerer {
  let queue: Promise<unknown> = Promise.resolve();
  let isInterrupted = false;
  return async (_, signal) => {
    if (host.isMachineReadable || options.isJson) throw cannotAsk("output is read by a program");
    const turn = queue.then(async () => {
      if (isInterrupted || signal.aborted) throw cannotAsk("the run was interrupted");
      signal.addEventListener("abort", () => {
        isInterrupted = true;
      });
      return display.pause(() => askTerminal(signal));
    });
    queue = turn.catch(() => {
      // The one who asked is told; the next question only waits for its turn.
    });
    return turn;
  };
}

async function askTerminal(signal: AbortSignal): Promise<string> {
  const reason = whyNoTerminal();
  if (reason !== undefined) throw cannotAsk(reason);
  const file = openSync("/dev/tty", "r+");
  const input = new ReadStream(file);
  const prompt = createInterface({ input, terminal: false });
  try {
    // The question itself is an event, and every display shows it.
    writeSync(file, "> ");
    return await new Promise<string>((resolve, reject) => {
      const onAbort = (): void => reject(cannotAsk("the run was interrupted"));
      signal.addEventListener("abort", onAbort, { once: true });
      prompt.once("line", (line) => {
        signal.removeEventListener("abort", onAbort);
        resolve(line.trim());
      });
      prompt.once("close", () => reject(cannotAsk("the terminal was closed")));
    });
  } finally {
    prompt.close();
    input.destroy();
  }
}

/** Undefined when this process may read from its terminal; reading from the background would stop it (SIGTTIN). */
function whyNoTerminal(): string | undefined {
  try {
    closeSync(openSync("/dev/tty", "r+"));
  } catch {
    return "there is no controlling terminal";
  }
  try {
    // proc(5): after the name in brackets come state, ppid, pgrp, session, tty_nr, tpgid.
    const fields = readFileSync("/proc/self/stat", "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    if (fields[2] !== fields[5]) return "tspack runs in the background";
  } catch {
    // Not Linux: the read itself will tell.
  }
  return undefined;
}

/** The engine says that the question could not be asked, and this why. */
function cannotAsk(reason: string): BuildError {
  return new BuildError(reason, {
    code: "TPK6010",
    hint: "Run it in the foreground of a terminal, or choose a mode that asks nothing, such as -on-error=cleanup.",
  });
}
