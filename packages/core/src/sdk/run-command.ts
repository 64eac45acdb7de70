import type { Readable } from "node:stream";
import type { Communicator } from "./communicator.ts";
import { outputWriter } from "./output-writer.ts";
import type { Ui } from "./ui.ts";

export interface RunCommandOptions {
  readonly ui: Ui;
  readonly signal: AbortSignal;
  readonly stdin?: Readable | undefined;
}

/**
 * Runs a command on the machine and shows its output line by line (row OUT-06). Resolves to its exit code, which is
 * `DISCONNECT_EXIT_CODE` when the connection went away; rejects as `Communicator.execute` does.
 */
export async function runWithUi(communicator: Communicator, command: string, options: RunCommandOptions): Promise<number> {
  const { ui, signal, stdin } = options;
  const stdout = outputWriter(ui, "stdout");
  const stderr = outputWriter(ui, "stderr");
  try {
    const { exitCode } = await communicator.execute({ command, stdin, stdout, stderr, signal });
    return exitCode;
  } finally {
    stdout.flush();
    stderr.flush();
  }
}
