import { createHash } from "node:crypto";
import { basename, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError, errorText } from "../diagnostics/error.ts";

/** Where something is: on this machine, or behind HTTP. */
export type Location = { readonly kind: "file"; readonly path: string } | { readonly kind: "http"; readonly url: URL };

/** Reads a path or URL as users write it. Throws `BuildError` (TPK7001) for a scheme that cannot be downloaded from. */
export function parseLocation(text: string, workingDirectory: string): Location {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return { kind: "file", path: resolve(workingDirectory, text) };
  if (scheme === "file") {
    // Packer also takes file://relative/path, which is no valid URL.
    const relative = /^file:\/\/(?!localhost\/)([^/].*)$/i.exec(text)?.[1];
    return { kind: "file", path: relative === undefined ? pathOf(text) : resolve(workingDirectory, decoded(relative)) };
  }
  if (scheme !== "http" && scheme !== "https") {
    throw new BuildError(`${redactLocation(text)} cannot be downloaded: ${scheme} is not supported`, {
      code: "TPK7001",
      hint: "Use an http or https URL, or the path of a file.",
    });
  }
  if (!URL.canParse(text)) throw new BuildError(`${redactLocation(text)} is not a valid URL`, { code: "TPK7001" });
  return { kind: "http", url: new URL(text) };
}

/** A location for messages: without user, password and the values of query parameters that sign or authorise. */
export function redactLocation(location: string | URL): string {
  const text = String(location);
  if (!URL.canParse(text)) return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
  const url = new URL(text);
  if (url.protocol === "file:") return text;
  url.username = "";
  url.password = "";
  for (const name of [...url.searchParams.keys()]) {
    if (/token|sig|secret|pass|pwd|key|credential|auth|session/i.test(name)) url.searchParams.set(name, "REDACTED");
  }
  return url.href;
}

/** The last part of a location's path, which is what checksum lists call it. */
export function locationBaseName(location: Location): string {
  if (location.kind === "file") return basename(location.path);
  return decoded(basename(location.url.pathname));
}

/** A part of a URL as text. One that has a percent sign where no escape begins stays as it is, as with curl. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
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

/** A location without its query parameter `checksum`, and that parameter's value, which tells what to compare with (row ISO-11). */
export function splitChecksum(location: string): { readonly location: string; readonly checksum: string | undefined } {
  const found = /([?&])checksum=([^&#]*)(&?)/.exec(location);
  if (found === null) return { location, checksum: undefined };
  const [whole, before = "", value = "", after = ""] = found;
  const rest = location.slice(0, found.index) + (after === "" ? "" : before) + location.slice(found.index + whole.length);
  return { location: rest, checksum: decoded(value) };
}

// --- internal ---

/** The path of a file URL, which has to be one on this machine. */
function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new BuildError(`${url} is not the URL of a file: ${errorText(cause)}`, { code: "TPK7001", cause });
  }
}
