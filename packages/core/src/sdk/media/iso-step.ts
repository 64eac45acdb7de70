import { parseChecksum } from "../../checksum/checksum.ts";
import { BuildError, errorText, isCancellation, TspackError } from "../../diagnostics/error.ts";
import { archiveFormatOf } from "../../download/archive-format.ts";
import type { DownloadOptions } from "../../download/download.ts";
import { locationBaseName, parseLocation, redactLocation, splitLocation } from "../../download/location.ts";
import { parseDuration } from "../config/duration.ts";
import { type Step, type StepContext, stateKey } from "../steps/step.ts";
import { type IsoConfig, isoLocations, isoTargetFile } from "./iso-options.ts";

/** Absolute path of the verified image that `isoStep` found or downloaded. */
export const isoPathKey = stateKey<string>("iso_path");

/** The place that the image was really taken from (row ISO-14), as the user wrote it. */
export const sourceImageUrlKey = stateKey<string>("SourceImageURL");

/** Absolute paths of the verified images that `additionalIsosStep` found or downloaded, in their order. */
export const additionalIsoPathsKey = stateKey<readonly string[]>("additional_iso_paths");

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
      const { state, ui } = context;
      ui.say("Retrieving ISO");
      const { path, place } = await fetchIso(config, context);
      state.set(isoPathKey, path);
      state.set(sourceImageUrlKey, place);
    },
  };
}

/** The step that makes further installation images available, one after another, as `isoStep` does with one. Throws as it does. */
export function additionalIsosStep(configs: readonly IsoConfig[]): Step {
  return {
    name: "download additional ISOs",
    async run(context) {
      const paths: string[] = [];
      for (const [index, config] of configs.entries()) {
        const entry = `additional_iso_files[${index}]`;
        context.ui.say(`Retrieving ${entry}`);
        paths.push((await fetchIso(config, context, entry)).path);
      }
      context.state.set(additionalIsoPathsKey, paths);
    },
  };
}

// --- internal ---

/** Finds or downloads an image; `entry` names the block with its options. `place` is where it was taken from, as the user wrote it. */
async function fetchIso(
  config: IsoConfig,
  context: StepContext,
  entry?: string,
): Promise<{ readonly path: string; readonly place: string }> {
  const { ui, signal } = context;
  // Only here: a program that is merely validated downloads nothing.
  const { sharedDownload } = await import("../../download/shared-download.ts");
  const failures: TspackError[] = [];
  let full: TspackError | undefined;
  for (const text of isoLocations(config)) {
    // A disk that is full is so for the next download too; one that is used where it is needs no room.
    if (full !== undefined && !isLocal(text, context)) continue;
    const shown = redactLocation(text);
    ui.say(`Trying ${shown}`);
    try {
      const { path, from } = await sharedDownload(await downloadOptions(text, config, context));
      ui.say(`${shown} => ${path}${from === "reused" ? " (downloaded before)" : ""}`);
      return { path, place: text };
    } catch (error) {
      if (signal.aborted || isCancellation(error) || !TspackError.is(error)) throw error;
      if (error.code === "TPK6011") full = unwritable(error, config, entry);
      failures.push(error);
      if (isoLocations(config).length > 1) ui.error(errorText(error));
    }
  }
  throw full ?? failureOf(failures, config, entry);
}

async function downloadOptions(text: string, config: IsoConfig, { ui, signal, run }: StepContext): Promise<DownloadOptions> {
  const { cacheDirectory } = await import("../../download/cache-directory.ts");
  const { location, checksum, archive } = splitLocation(text);
  const { environment, workingDirectory } = run;
  const target = config.iso_target_path;
  const file = isoTargetFile(config);
  return {
    location,
    checksum: parseChecksum(checksum ?? (config.iso_checksum || "none")),
    archive: archiveFormatOf(locationBaseName(parseLocation(location, run.workingDirectory)), archive),
    destination: file,
    cacheDirectory: target === "" || file !== undefined ? cacheDirectory(environment) : target,
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
  const { location, archive } = splitLocation(text);
  const place = parseLocation(location, run.workingDirectory);
  return place.kind === "file" && archiveFormatOf(locationBaseName(place), archive) === undefined;
}

function unwritable({ message, cause }: TspackError, { iso_target_path }: IsoConfig, entry: string | undefined): TspackError {
  return new BuildError(message, {
    code: "TPK6011",
    option: entry === undefined ? (iso_target_path === "" ? undefined : "iso_target_path") : ADDITIONAL,
    hint: "Make room there, or choose another place with iso_target_path or PACKER_CACHE_DIR.",
    cause,
  });
}

function failureOf(failures: readonly TspackError[], { iso_url }: IsoConfig, entry: string | undefined): TspackError {
  const [only, ...others] = failures;
  const what = entry ?? "the ISO";
  if (only === undefined) return new BuildError(`there is no place to take ${what} from`, { code: "TPK7001" });
  const isWrong = failures.every(({ code }) => code === "TPK7002");
  const option = entry === undefined ? (isWrong ? "iso_checksum" : iso_url === "" ? "iso_urls" : "iso_url") : ADDITIONAL;
  if (others.length === 0) return new BuildError(only.message, { code: only.code, hint: only.hint, cause: only.cause, option });
  return new BuildError(`none of the ${failures.length} places of ${what} will do`, {
    code: isWrong ? "TPK7002" : "TPK7001",
    cause: new AggregateError(failures, ""),
    option,
  });
}

/** The option that an error about one of its blocks is shown at. */
const ADDITIONAL = "additional_iso_files";
