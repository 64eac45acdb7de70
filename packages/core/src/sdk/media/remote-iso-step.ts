import { BuildError, CancelledError, errorText, isCancellation } from "../../diagnostics/error.ts";
import { parseLocation, redactLocation, splitLocation } from "../../download/location.ts";
import type { Step, StepContext } from "../steps/step.ts";
import type { Ui } from "../ui.ts";
import { type IsoConfig, isoLocations } from "./iso-options.ts";
import { isoPathKey, sourceImageUrlKey } from "./iso-step.ts";

const IDLE_TIMEOUT_MS = 60_000;

/**
 * In place of `isoStep`, for builders whose machine reads the image over the network by itself (`iso_skip_cache` of QEMU): finds the place to read
 * from, which `isoPathKey` then holds. As in Packer every place is asked, and the last that answers and can send parts of a file is
 * taken. Throws `BuildError` (TPK7001) with the reason for each place when there is none.
 */
export function remoteIsoStep(config: IsoConfig): Step {
  return {
    name: "find ISO",
    async run(context) {
      const { state, ui, signal } = context;
      const failures: Error[] = [];
      let usable: string | undefined;
      for (const text of isoLocations(config)) {
        const { location } = splitLocation(text);
        try {
          await requireRanges(location, context);
          usable = location;
        } catch (error) {
          if (signal.aborted || isCancellation(error)) throw new CancelledError("cancelled", { cause: error });
          failures.push(new Error(`${redactLocation(location)}: ${errorText(error)}`));
        }
      }
      if (usable === undefined) {
        const cause = new AggregateError(failures, "");
        throw new BuildError("the ISO cannot be read over the network from any of its places", {
          code: "TPK7001",
          option: "iso_skip_cache",
          hint: "leave out iso_skip_cache, and it is downloaded first",
          cause,
        });
      }
      for (const { message } of failures) ui.log("info", `not used: ${message}`);
      // Whoever reads from there may show it.
      hideSecrets(usable, ui);
      ui.say(`Reading the ISO from ${redactLocation(usable)}`);
      state.set(isoPathKey, usable);
      state.set(sourceImageUrlKey, usable);
    },
  };
}

// --- internal ---

async function requireRanges(text: string, { run, signal }: StepContext): Promise<void> {
  const location = parseLocation(text, run.workingDirectory);
  if (location.kind !== "http") throw new Error("it is no http or https URL");
  // Only here: what is behind this import talks to servers.
  const { sendRequest, USER_AGENT } = await import("../../download/request.ts");
  // Without what `.netrc` knows: whoever reads the image does not look there.
  const { message, status } = await sendRequest(location.url, {
    method: "HEAD",
    headers: { "user-agent": USER_AGENT },
    environment: run.environment,
    signal,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
  });
  message.destroy();
  if (status < 200 || status > 299) throw new Error(`the server answered ${status}`);
  if (message.headers["accept-ranges"] !== "bytes") throw new Error("the server sends no parts of files (no Accept-Ranges)");
}

/** Hides what `redactLocation` leaves out: the password, and parameters that authorise. */
function hideSecrets(text: string, ui: Ui): void {
  const url = new URL(text);
  const shown = new URL(redactLocation(url));
  const values = [...url.searchParams].filter(([name, value]) => shown.searchParams.get(name) !== value).map(([, value]) => value);
  for (const value of [url.password, ...values]) {
    ui.secret(value);
    ui.secret(encodeURIComponent(value));
  }
}
