import { fileURLToPath } from "node:url";
import { BuildError, CancelledError, errorText, isoLocations, isoPathKey, type Step } from "@tspack/core/sdk";
import type { QemuOptions } from "../options.ts";

/**
 * The step in place of the download when QEMU is to read the image itself (`iso_skip_cache`, row QM-76): takes the first location that
 * answers and lets parts of it be read. Throws a `BuildError` (TPK7001) with the reason for each when there is none.
 */
export function remoteImageStep(config: QemuOptions): Step {
  return {
    name: "find image",
    async run({ state, ui, signal }) {
      const failures: string[] = [];
      for (const location of isoLocations(config)) {
        const trouble = await troubleWith(location, signal);
        if (trouble === undefined) {
          ui.say("QEMU reads the image from its place");
          state.set(isoPathKey, location.startsWith("file:") ? fileURLToPath(location) : location);
          return;
        }
        failures.push(`${shown(location)}: ${trouble}`);
      }
      throw new BuildError(`the image can be read from no place: ${failures.join("; ")}`, { code: "TPK7001" });
    },
  };
}

// --- internal ---

/** Why an image cannot be read in parts from there; undefined when it can. Files are left to QEMU. */
async function troubleWith(location: string, signal: AbortSignal): Promise<string | undefined> {
  if (!/^https?:/i.test(location)) return undefined;
  try {
    const { ok, status, headers } = await fetch(location, { method: "HEAD", signal });
    if (!ok) return `it answers with status ${status}`;
    return headers.get("accept-ranges") === "bytes" ? undefined : "it does not let parts be read";
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    return errorText(error);
  }
}

/** A location without what may be secret in it. */
function shown(location: string): string {
  return location.replace(/\/\/[^/@]*@/, "//").replace(/\?.*$/, "");
}
