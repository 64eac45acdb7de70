import { extname } from "node:path";
import { parseChecksum } from "../../checksum/checksum.ts";
import { BuildError, errorText, isCancellation, TspackError } from "../../diagnostics/error.ts";
import type { DownloadOptions } from "../../download/download.ts";
import { parseLocation, redactLocation, splitChecksum } from "../../download/location.ts";
import { parseDuration } from "../config/duration.ts";
import { type Step, type StepContext, stateKey } from "../steps/step.ts";
import { type IsoConfig, isoLocations } from "./iso-options.ts";

/** Absolute path of the verified image that `isoStep` found or downloaded. */
export const isoPathKey = stateKey<string>("iso_path");

/** The place that the image was really taken from (row ISO-14), as the user wrote it. */
export const sourceImageUrlKey = stateKey<string>("SourceImageURL");

/** Packer's limit for reads (row ISO-13) is as generous; ours counts only while nothing arrives. */
const IDLE_TIMEOUT_MS = 60_000;

/**
 * The step that makes an installation image available (rows ISO-01 to ISO-14): a local one where it is, else a download into the cache, which is
 * resumed after interruptions, verified, and shared by all builds that want it. Places are tried in order. Throws `BuildError` with the reason
 * for each place when none will do.
 */
export function isoStep(config: IsoConfig): Step {
  return {
    name: "download ISO",
    async run(context) {
      const { state, ui, signal } = context;
      // Only here: a program that is merely validated downloads nothing.
      const { sharedDownload } = await import("../../download/shared-download.ts");
      ui.say("Retrieving ISO");
      const failures: TspackError[] = [];
      let full: TspackError | undefined;
      for (const text of isoLocations(config)) {
        // A disk that is full is so for the next download too; an image on this machine needs no room.
        if (full !== undefined && !isLocal(text, context)) continue;
        const shown = redactLocation(text);
        ui.say(`Trying ${shown}`);
        try {
          const { path, from } = await sharedDownload(await downloadOptions(text, config, context));
          ui.say(`${shown} => ${path}${from === "reused" ? " (downloaded before)" : ""}`);
          state.set(isoPathKey, path);
          state.set(sourceImageUrlKey, text);
          return;
        } catch (error) {
          if (signal.aborted || isCancellation(error) || !TspackError.is(error)) throw error;
          if (error.code === "TPK6011") full = unwritable(error, config);
          failures.push(error);
          if (isoLocations(config).length > 1) ui.error(errorText(error));
        }
      }
      throw full ?? failureOf(failures, config);
    },
  };
}

// --- internal ---

async function downloadOptions(text: string, config: IsoConfig, { ui, signal, run }: StepContext): Promise<DownloadOptions> {
  const { cacheDirectory } = await import("../../download/cache-directory.ts");
  const { location, checksum } = splitChecksum(text);
  const { environment, workingDirectory } = run;
  const target = config.iso_target_path;
  const isFile = !target.endsWith("/") && extname(target) !== "";
  return {
    location,
    checksum: parseChecksum(checksum ?? (config.iso_checksum || "none")),
    destination: isFile ? target : undefined,
    cacheDirectory: target === "" || isFile ? cacheDirectory(environment) : target,
    extension: (config.iso_target_extension || "iso").toLowerCase().replace(/^\./, ""),
    workingDirectory,
    environment,
    signal,
    progress: (label, totalBytes) => ui.progress(label, totalBytes),
    // Why nothing moves: a connection that broke, or somebody else who downloads it.
    log: (line) => ui.say(line),
    // Zero means no limit, as elsewhere in Node.
    idleTimeoutMs: Math.max(0, parseDuration(environment.PACKER_GETTER_READ_TIMEOUT ?? "") ?? IDLE_TIMEOUT_MS),
  };
}

function isLocal(text: string, { run }: StepContext): boolean {
  return parseLocation(splitChecksum(text).location, run.workingDirectory).kind === "file";
}

function unwritable({ message, cause }: TspackError, { iso_target_path }: IsoConfig): TspackError {
  return new BuildError(message, {
    code: "TPK6011",
    option: iso_target_path === "" ? undefined : "iso_target_path",
    hint: "Make room there, or choose another place with iso_target_path or PACKER_CACHE_DIR.",
    cause,
  });
}

function failureOf(failures: readonly TspackError[], { iso_url }: IsoConfig): TspackError {
  const [only, ...others] = failures;
  if (only === undefined) return new BuildError("there is no place to take the ISO from", { code: "TPK7001" });
  const isWrong = failures.every(({ code }) => code === "TPK7002");
  const option = isWrong ? "iso_checksum" : iso_url === "" ? "iso_urls" : "iso_url";
  if (others.length === 0) return new BuildError(only.message, { code: only.code, hint: only.hint, cause: only.cause, option });
  return new BuildError(`none of the ${failures.length} places of the ISO will do`, {
    code: isWrong ? "TPK7002" : "TPK7001",
    cause: new AggregateError(failures, ""),
    option,
  });
}
