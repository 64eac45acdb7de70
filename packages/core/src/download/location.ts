import { createHash } from "node:crypto";
import { basename, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError, errorText } from "../diagnostics/error.ts";
import { decoded } from "./decoded.ts";
import { isGcsShorthand, parseGcsLocation } from "./gcs-location.ts";
import { gitShorthand, parseRepository, type RepositoryLocation } from "./repository-location.ts";
import { isS3Shorthand, parseS3Location } from "./s3-location.ts";
import type { ServedLocation } from "./source.ts";

/** Where something is: on this machine, behind HTTP, in a bucket or in a repository. */
export type Location = { readonly kind: "file"; readonly path: string } | ServedLocation | RepositoryLocation;

/**
 * Reads a path or URL as users write it, also with the way to fetch it in front (`s3::https://…`, row ISO-10). Throws `BuildError`
 * (TPK7001) for what cannot be downloaded from, which says what to do.
 */
export function parseLocation(text: string, workingDirectory: string): Location {
  const shown = redactLocation(text);
  const [, forced, rest = ""] = /^([a-z0-9]+)::(.+)$/is.exec(text) ?? [];
  if (forced === undefined) return parsePlain(text, shown, workingDirectory);
  const way = forced.toLowerCase();
  if (way === "s3") return parseS3Location(rest, shown);
  if (way === "gcs") return parseGcsLocation(rest, shown);
  if (way === "git" || way === "hg") return parseRepository(way, rest, shown, workingDirectory);
  if (!["file", "http", "https", "smb"].includes(way)) throw unsupported(shown, way);
  const location = parsePlain(rest, shown, workingDirectory);
  if (location.kind === (way.startsWith("http") ? "http" : "file")) return location;
  throw new BuildError(`${shown} cannot be downloaded: what follows ${forced}:: is something else`, {
    code: "TPK7001",
    hint: `Leave out "${forced}::".`,
  });
}

/** A location for messages: without user, password and the values of query parameters that sign or authorise. */
export function redactLocation(location: string | URL): string {
  const text = String(location);
  const forced = /^[a-z0-9]+::(?=.)/i.exec(text)?.[0] ?? "";
  return forced + redactPlain(text.slice(forced.length));
}

/** The last part of a location's path, which is what checksum lists call it. */
export function locationBaseName(location: Location): string {
  if (location.kind === "file") return basename(location.path);
  return decoded(basename(location.url.pathname));
}

/**
 * Name of a download in the cache (row ISO-06): SHA-1 of the checksum's text, or of the location when there is none, and an
 * extension (the location's own unless given; without a dot).
 */
export function cacheName(location: string, checksum: string | undefined, extension?: string): string {
  const name = createHash("sha1")
    .update(checksum ?? location)
    .digest("hex");
  const path = URL.canParse(location) ? new URL(location).pathname : location;
  const ending = extension ?? extname(path).slice(1).toLowerCase();
  return ending === "" ? name : `${name}.${ending}`;
}

/** What tells a location from others, for a name in the cache: as it is written, but for buckets and repositories without what authorises. */
export function cacheKey(location: Location, written: string): string {
  if (location.kind === "repository") return `${location.tool}::${location.url.href}@${location.revision ?? ""}`;
  if (location.kind === "gcs") return location.url.href;
  if (location.kind !== "s3") return written;
  return location.version === undefined ? location.url.href : `${location.url.href}?versionId=${encodeURIComponent(location.version)}`;
}

/** A location without the query parameters that are meant for whoever downloads it, and their values. */
export interface SplitLocation {
  readonly location: string;
  /** `checksum`: what to compare with (row ISO-11). */
  readonly checksum: string | undefined;
  /** `archive`: how the file is packed, or `false`; see `archiveFormatOf`. */
  readonly archive: string | undefined;
}

/** Takes `checksum` and `archive` out of a location. */
export function splitLocation(location: string): SplitLocation {
  const first = withoutParameter(location, "checksum");
  const second = withoutParameter(first.location, "archive");
  return { location: second.location, checksum: first.value, archive: second.value };
}

// --- internal ---

function parsePlain(text: string, shown: string, workingDirectory: string): Location {
  const ofGit = gitShorthand(text);
  if (ofGit !== undefined) return parseRepository("git", ofGit, shown, workingDirectory);
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    if (isGcsShorthand(text)) return parseGcsLocation(text, shown);
    if (isS3Shorthand(text)) return parseS3Location(text, shown);
    if (text.startsWith("\\\\") && process.platform !== "win32") throw notMounted(shown);
    return { kind: "file", path: resolve(workingDirectory, text) };
  }
  if (scheme === "file") {
    // Packer also takes file://relative/path, which is no valid URL.
    const relative = /^file:\/\/(?!localhost\/)([^/].*)$/i.exec(text)?.[1];
    return { kind: "file", path: relative === undefined ? pathOf(text) : resolve(workingDirectory, decoded(relative)) };
  }
  if (scheme === "gs") return parseGcsLocation(text, shown);
  if (scheme === "s3") return parseS3Location(text, shown);
  if (scheme === "smb") return { kind: "file", path: sharedPath(text, shown) };
  if (scheme !== "http" && scheme !== "https") throw unsupported(shown, scheme);
  if (!URL.canParse(text)) throw new BuildError(`${shown} is not a valid URL`, { code: "TPK7001" });
  return { kind: "http", url: new URL(text) };
}

function withoutParameter(location: string, name: string): { readonly location: string; readonly value: string | undefined } {
  const found = new RegExp(`([?&])${name}=([^&#]*)(&?)`).exec(location);
  if (found === null) return { location, value: undefined };
  const [whole, before = "", value = "", after = ""] = found;
  const rest = location.slice(0, found.index) + (after === "" ? "" : before) + location.slice(found.index + whole.length);
  return { location: rest, value: decoded(value) };
}

/** Names of parameters whose values are nobody's business. */
const secretName = /token|sig|secret|pass|pwd|key|credential|auth|session/i;

function redactPlain(text: string): string {
  if (!URL.canParse(text)) {
    const withoutLogin = text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
    return withoutLogin.replace(/([?&])([^=&#]*)=([^&#]*)/g, (whole, before: string, name: string) =>
      secretName.test(name) ? `${before}${name}=REDACTED` : whole,
    );
  }
  const url = new URL(text);
  if (url.protocol === "file:") return text;
  url.username = "";
  url.password = "";
  for (const name of [...url.searchParams.keys()]) {
    if (secretName.test(name)) url.searchParams.set(name, "REDACTED");
  }
  return url.href;
}

function unsupported(shown: string, scheme: string): BuildError {
  return new BuildError(`${shown} cannot be downloaded: ${scheme} is not supported`, {
    code: "TPK7001",
    hint: "Use the path of a file, or the address of one that http, https, S3, Google Cloud Storage, Git or Mercurial give.",
  });
}

/** The path of a file on a Windows share, which Windows itself can open. */
function sharedPath(text: string, shown: string): string {
  if (process.platform !== "win32") throw notMounted(shown);
  return `\\\\${decoded(text.slice("smb://".length)).replaceAll("/", "\\")}`;
}

function notMounted(shown: string): BuildError {
  return new BuildError(`${shown} cannot be downloaded: shares of Windows (SMB) are read on Windows only`, {
    code: "TPK7001",
    hint: "Mount the share (on Linux with mount -t cifs), and give the path of the file there.",
  });
}

/** The path of a file URL, which has to be one on this machine. */
function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new BuildError(`${url} is not the URL of a file: ${errorText(cause)}`, { code: "TPK7001", cause });
  }
}
