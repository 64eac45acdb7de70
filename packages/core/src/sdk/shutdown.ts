import * as z from "zod";
import { duration } from "./config/options.ts";

/** The options of how a machine is shut down (rows MISC-01, MISC-02). A builder spreads its `shape` into its own schema. */
export function shutdownOptions() {
  return z.object({
    shutdown_command: z
      .string()
      .default("")
      .describe("Command that shuts the machine down once it is provisioned. Without one it is powered off."),
    shutdown_timeout: duration()
      .prefault(DEFAULT_TIMEOUT)
      .transform(orDefault)
      .describe("How long the shutdown may take before the build fails. 0 means the default."),
  });
}

/** The parsed options; the timeout is in milliseconds. */
export type ShutdownConfig = z.output<ReturnType<typeof shutdownOptions>>;

// --- internal ---

const DEFAULT_TIMEOUT = "5m";

/** As in Packer, zero cannot be told from nothing there. */
function orDefault(timeoutMs: number): number {
  return timeoutMs === 0 ? 300_000 : timeoutMs;
}
