import { BuildError, CancelledError } from "../../../../diagnostics/error.ts";
import { startProcessGroup } from "../../../../sdk/process-group.ts";

/** Most output of a tool that is kept. */
const MOST_OUTPUT = 1024 * 1024;

/**
 * Runs a program of the system to its end and answers what it printed. Throws when it cannot be started (TPK6008), ends with
 * a failure (TPK6011), or when the signal aborts, which kills it.
 */
export async function runTool(
  program: string,
  args: readonly string[],
  options: {
    readonly environment: { readonly [name: string]: string | undefined };
    readonly signal: AbortSignal;
    /** Gets each line it prints, as it comes. */
    readonly onLine?: ((line: string) => void) | undefined;
  },
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  if (options.signal.aborted) throw new CancelledError();
  // A group that is killed when our own process ends: what such a program makes must not go on growing.
  const { child, stop } = startProcessGroup([program, ...args], { env: options.environment, cwd: process.cwd() });
  let stopping: Promise<void> | undefined;
  const onAbort = (): void => {
    stopping = stop();
  };
  options.signal.addEventListener("abort", onAbort, { once: true });
  let stdout = "";
  let stderr = "";
  const reader = (add: (text: string) => void) => {
    let rest = "";
    return (chunk: Buffer): void => {
      const text = chunk.toString();
      add(text);
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) options.onLine?.(line);
    };
  };
  child.stdout?.on(
    "data",
    reader((text) => {
      if (stdout.length < MOST_OUTPUT) stdout += text;
    }),
  );
  child.stderr?.on(
    "data",
    reader((text) => {
      if (stderr.length < MOST_OUTPUT) stderr += text;
    }),
  );
  try {
    const status = await new Promise<string | undefined>((resolve, reject) => {
      child.once("error", (cause) => reject(new BuildError(`${program} cannot be started`, { code: "TPK6008", cause })));
      child.once("close", (code, signal) => resolve(code === 0 ? undefined : signal === null ? `exit code ${code}` : `signal ${signal}`));
    });
    await stopping;
    if (options.signal.aborted) throw new CancelledError();
    if (status !== undefined) {
      const reason = stderr.trim().split("\n").slice(-5).join("\n");
      throw new BuildError(`${program} failed with ${status}: ${reason === "" ? "it printed no reason" : reason}`, { code: "TPK6011" });
    }
    return { stdout, stderr };
  } finally {
    options.signal.removeEventListener("abort", onAbort);
  }
}
