import { appendFile } from "node:fs/promises";
import { resolve } from "node:path";
import { BuildError, defineProvisioner } from "@tspack/core/sdk";
import * as z from "zod";

/** Adds a line to what the builder wrote. One that works on a machine uses `communicator` instead. */
export const provisioner = defineProvisioner({
  type: "acme-stamp",
  description: "Adds a line to the note.",
  options: () => z.object({ label: z.string().min(1).describe("What the line says.") }),
  async provision({ config, data, ui, signal, run }) {
    signal.throwIfAborted();
    if (typeof data.Target !== "string") throw new BuildError("acme-stamp works with the builder acme alone");
    await appendFile(resolve(run.workingDirectory, data.Target), `${config.label}\n`);
    ui.say(`stamped: ${config.label}`);
  },
});
