// Refusals and warnings about the options of an installation image (rows ISO-01 to ISO-03).
import { existsSync } from "node:fs";
import { type Checksum, parseChecksum } from "../../checksum/checksum.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { errorText, isCancellation, TspackError } from "../../diagnostics/error.ts";
import { formatPath, type PathSegment } from "../../diagnostics/range.ts";
import { archiveFormatOf } from "../../download/archive-format.ts";
import { locationBaseName, parseLocation, redactLocation, splitLocation } from "../../download/location.ts";
import { missingPrograms, type NeededProgram } from "../../download/needed-programs.ts";
import { type IsoConfig, isoLocations, isoTargetFile } from "./iso-options.ts";
import type { MediaCheck } from "./media-check.ts";

/** What the check has to know besides the options. */
export interface IsoCheck extends MediaCheck<keyof IsoConfig> {
  readonly signal: AbortSignal;
  /** The builder does not download the image (`iso_skip_cache` of QEMU): nothing is verified, which is warned about. */
  readonly skipsDownload?: boolean | undefined;
  /** Where the options are, unless they are the builder's own: `["additional_iso_files", 1]`. */
  readonly at?: readonly PathSegment[] | undefined;
}

/** A list of checksums is tried this often: a check should not keep anybody waiting. */
const LIST_ATTEMPTS = 2;

/**
 * Everything wrong with the options of an installation image; `path` names the option. A `file:` checksum is looked up at once, over the
 * network where the list is there, so that a build that cannot be verified does not even start.
 */
export async function checkIso(config: IsoConfig, check: IsoCheck): Promise<readonly Diagnostic[]> {
  return [...(await checkLocations(config, check)), ...(await checkChecksum(config, check))];
}

/**
 * Everything wrong with further images, at their places, such as `additional_iso_files[1].iso_checksum`. `first` is the image that the builder's own
 * options name.
 */
export async function checkAdditionalIsos(
  { first, further }: { readonly first: IsoConfig; readonly further: readonly IsoConfig[] },
  { isUnknown, run, signal }: MediaCheck<"additional_iso_files" | keyof IsoConfig> & Pick<IsoCheck, "signal">,
): Promise<readonly Diagnostic[]> {
  if (isUnknown("additional_iso_files")) return [];
  const found: Diagnostic[] = [];
  const isFirstKnown = !targetOptions.some((option) => isUnknown(option));
  for (const [index, config] of further.entries()) {
    const at = ["additional_iso_files", index];
    found.push(...(await checkIso(config, { isUnknown: () => false, run, signal, at })));
    const file = isoTargetFile(config);
    const rivals = [...(isFirstKnown ? [first] : []), ...further.slice(0, index)].filter(
      (other) => file !== undefined && isoTargetFile(other) === file,
    );
    if (rivals.some((other) => isoLocations(other).join() !== isoLocations(config).join())) {
      const path = [...at, "iso_target_path"];
      const detail = `"${formatPath(path)}" is ${JSON.stringify(file)}, where another image is downloaded to already.`;
      found.push(invalid(detail, "Leave it out, or choose another file.", path));
    }
  }
  return found;
}

// --- internal ---

/** What tells where an image is downloaded to, and which one. */
const targetOptions = ["iso_url", "iso_urls", "iso_target_path", "iso_target_extension"] as const;

async function checkLocations(config: IsoConfig, check: IsoCheck): Promise<Diagnostic[]> {
  const { isUnknown, at = [] } = check;
  // First the block: an error that comes from a plugin is shown at the option that it names first.
  const [one, only] = at.length === 0 ? ["One", "Only one"] : [`In ${formatPath(at)} one`, `In ${formatPath(at)} only one`];
  const known = (option: "iso_url" | "iso_urls"): boolean => !isUnknown(option) && config[option].length > 0;
  const given = (option: "iso_url" | "iso_urls"): boolean => isUnknown(option) || known(option);
  if (known("iso_url") && known("iso_urls")) {
    return [
      {
        severity: "error",
        code: "TPK3106",
        summary: "Conflicting arguments",
        detail: `${only} of iso_url and iso_urls may be given.`,
        hint: "Put all places into iso_urls.",
        path: [...at, "iso_urls"],
      },
    ];
  }
  if (!given("iso_url") && !given("iso_urls")) {
    return [missing([...at, "iso_url"], `${one} of iso_url and iso_urls must be given.`)];
  }
  const places = [
    ...(isUnknown("iso_url") || config.iso_url === "" ? [] : [{ text: config.iso_url, path: [...at, "iso_url"] }]),
    ...(isUnknown("iso_urls") ? [] : config.iso_urls.map((text, index) => ({ text, path: [...at, "iso_urls", index] }))),
  ];
  const found: Diagnostic[] = [];
  for (const place of places) found.push(...(await checkPlace(place, { ...check, isOnly: places.length === 1 })));
  return found;
}

/** `isOnly` tells that there is no other place of the image: of several, one will do. */
async function checkPlace(
  { text, path }: { readonly text: string; readonly path: readonly PathSegment[] },
  { run, at = [], isOnly, skipsDownload }: IsoCheck & { readonly isOnly: boolean },
): Promise<Diagnostic[]> {
  if (text.trim() === "") return [invalid(`The place of an image in ${formatPath(path)} is empty.`, undefined, path)];
  try {
    const { location, checksum, archive } = splitLocation(text);
    const place = parseLocation(location, run.workingDirectory);
    if (checksum !== undefined) parseChecksum(checksum);
    const format = archiveFormatOf(locationBaseName(place), archive);
    if (!isOnly || skipsDownload === true) return [];
    // No error: something else may make it before the build runs.
    if (place.kind === "file" && !existsSync(place.path)) return [absent(text, path)];
    return (await missingPrograms(place, format, run.environment)).map((program) => withoutProgram(program, text, path));
  } catch (error) {
    if (!TspackError.is(error)) throw error;
    const place = at.length === 0 ? "" : ` in ${formatPath(path)}`;
    return [invalid(`${JSON.stringify(redactLocation(text))}${place} is not acceptable: ${error.message}.`, error.hint, path)];
  }
}

function withoutProgram({ program, purpose, debianPackage }: NeededProgram, text: string, path: readonly PathSegment[]): Diagnostic {
  const detail = `The argument ${JSON.stringify(formatPath(path))} names ${redactLocation(text)}: ${program} is needed ${purpose}, and it is not installed.`;
  const hint = `Install it; on Debian it is in the package ${debianPackage}.`;
  return { severity: "error", code: "TPK6008", summary: "Program not found", detail, hint, path };
}

function absent(text: string, path: readonly PathSegment[]): Diagnostic {
  const detail = `The argument ${JSON.stringify(formatPath(path))} names ${JSON.stringify(text)}, which does not exist. Unless something makes it, the build fails when it needs it.`;
  return { severity: "warning", code: "TPK3110", summary: "File not found", detail, path };
}

async function checkChecksum(config: IsoConfig, check: IsoCheck): Promise<Diagnostic[]> {
  const path = [...(check.at ?? []), "iso_checksum"];
  if (check.skipsDownload === true) return [unverified("The image is not downloaded, so its checksum is not verified.", path)];
  if (check.isUnknown("iso_checksum")) return [];
  if (config.iso_checksum.trim() === "") {
    return [
      {
        ...missing(path, `A checksum must be given: set ${formatPath(path)}.`),
        hint: 'Write it like "sha256:HEX", or "none" to go without one.',
      },
    ];
  }
  let checksum: Checksum;
  try {
    checksum = parseChecksum(config.iso_checksum);
  } catch (error) {
    if (!TspackError.is(error)) throw error;
    return [invalid(`The argument ${JSON.stringify(formatPath(path))} is not acceptable: ${error.message}.`, error.hint, path)];
  }
  if (checksum.kind === "none")
    return [unverified('The checksum "none" means that nobody notices when the image is damaged or another one.', path)];
  return checksum.kind === "list" ? checkList(checksum, config, check, path) : [];
}

async function checkList(
  checksum: Checksum,
  config: IsoConfig,
  { isUnknown, run, signal }: IsoCheck,
  path: readonly PathSegment[],
): Promise<Diagnostic[]> {
  if (isUnknown("iso_url") || isUnknown("iso_urls")) return [];
  const [first] = isoLocations(config);
  if (first === undefined) return [];
  // Only here: what is behind this import talks to servers.
  const { resolveChecksum } = await import("../../download/checksum-file.ts");
  const { environment, workingDirectory } = run;
  const log = (): void => undefined;
  try {
    await resolveChecksum(checksum, splitLocation(first).location, { environment, workingDirectory, signal, attempts: LIST_ATTEMPTS, log });
    return [];
  } catch (error) {
    if (isCancellation(error) || !TspackError.is(error)) throw error;
    return [
      {
        severity: "error",
        code: error.code,
        summary: "No checksum",
        detail: `The argument ${JSON.stringify(formatPath(path))} gives no checksum: ${errorText(error)}.`,
        hint: error.hint,
        path,
      },
    ];
  }
}

function unverified(detail: string, path: readonly PathSegment[]): Diagnostic {
  return {
    severity: "warning",
    code: "TPK3110",
    summary: "Image is not verified",
    detail,
    hint: 'Images are large, and a damaged one is hard to tell from a broken installation: give a checksum like "sha256:HEX".',
    path,
  };
}

function missing(path: readonly PathSegment[], detail: string): Diagnostic {
  return { severity: "error", code: "TPK3104", summary: "Missing required argument", detail, path };
}

function invalid(detail: string, hint: string | undefined, path: readonly PathSegment[]): Diagnostic {
  return { severity: "error", code: "TPK3105", summary: "Invalid argument value", detail, hint, path };
}
