import { readFile, stat } from "node:fs/promises";
import { dirname, posix, relative } from "node:path";
import type { Checksum } from "../checksum/checksum.ts";
import { findInChecksumList, parseChecksumList } from "../checksum/checksum-list.ts";
import { BuildError, errorText } from "../diagnostics/error.ts";
import { readBoundedBody } from "./bounded-body.ts";
import { decoded } from "./decoded.ts";
import { type Location, locationBaseName, parseLocation, redactLocation } from "./location.ts";
import type { Environment } from "./proxy.ts";
import { USER_AGENT } from "./request.ts";
import { interruptionOf, type RetryOptions, temporaryStatus, withRetries } from "./retry.ts";
import { SharedWork } from "./shared-work.ts";
import { openSource, type Source } from "./source.ts";

/** What reading a list of checksums works with. */
export interface ChecksumFileOptions extends RetryOptions {
  readonly environment: Environment;
  readonly workingDirectory: string;
  /** True to read a list from its server whatever is known of it. */
  readonly isFresh?: boolean | undefined;
}

/** Far more than any list of checksums has. */
const LARGEST_LIST_BYTES = 16 * 1024 * 1024;
const IDLE_TIMEOUT_MS = 60_000;

/** A build is prepared twice before it runs: the list that it was prepared with holds for so long, and for so many lists. */
const KEPT_MS = 5 * 60_000;
const MOST_KEPT = 16;
const LARGEST_KEPT_BYTES = 1024 * 1024;

/** Lists of servers by their URLs, the oldest first, and when they were read. */
const kept = new Map<string, { readonly text: string; readonly readAtMs: number }>();
const underWay = new SharedWork<string>();

/**
 * Reads the list that a `file:` checksum names and returns the digest it has for `location`; other checksums are returned as
 * they are. A server is asked once a run: a list that says something about the file holds for five minutes, unless `isFresh`. Throws `BuildError` (TPK7001) when the list cannot be read, (TPK7002) when it says nothing about the file.
 */
export async function resolveChecksum(
  checksum: Checksum,
  location: string,
  options: ChecksumFileOptions,
): Promise<Exclude<Checksum, { kind: "list" }>> {
  if (checksum.kind !== "list") return checksum;
  const list = parseLocation(checksum.location, options.workingDirectory);
  const file = parseLocation(location, options.workingDirectory);
  const names = [...relativeName(list, file), locationBaseName(file)];
  const known = options.isFresh === true ? undefined : await keptList(list, options);
  const foundBefore = known === undefined ? undefined : findInChecksumList(parseChecksumList(known), names);
  if (foundBefore !== undefined) return foundBefore;
  const lines = parseChecksumList(await readList(list, checksum.location, options));
  const found = findInChecksumList(lines, names);
  if (found !== undefined) return found;
  throw new BuildError(`${redactLocation(checksum.location)} has no checksum for ${locationBaseName(file)}`, {
    code: "TPK7002",
    hint: lines.length === 0 ? "It does not look like a list of checksums." : "Is it the list of another version?",
  });
}

// --- internal ---

async function keptList(list: Location, options: ChecksumFileOptions): Promise<string | undefined> {
  if (list.kind === "file" || list.kind === "repository") return undefined;
  const found = kept.get((await openSource(list, options.environment)).url.href);
  return found !== undefined && performance.now() - found.readAtMs < KEPT_MS ? found.text : undefined;
}

function keep(url: URL, text: string): void {
  kept.delete(url.href);
  if (text.length > LARGEST_KEPT_BYTES) return;
  for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - MOST_KEPT + 1))) kept.delete(oldest);
  kept.set(url.href, { text, readAtMs: performance.now() });
}

async function readList(list: Location, text: string, options: ChecksumFileOptions): Promise<string> {
  const shown = redactLocation(text);
  try {
    if (list.kind === "file") {
      if ((await stat(list.path)).size > LARGEST_LIST_BYTES) throw new Error("it is too large to be one");
      return await readFile(list.path, "utf8");
    }
    if (list.kind === "repository")
      throw new Error("it is in a repository; give the checksum itself, or an address of the list with https");
    const source = await openSource(list, options.environment);
    const text = await underWay.join(source.url.href, options.signal, (signal) =>
      withRetries(shown, { ...options, signal }, () => fetchList(source, { ...options, signal })),
    );
    keep(source.url, text);
    return text;
  } catch (error) {
    if (options.signal.aborted) throw error;
    throw new BuildError(`could not read the list of checksums ${shown}: ${errorText(error)}`, { code: "TPK7001", cause: error });
  }
}

async function fetchList(source: Source, options: ChecksumFileOptions): Promise<string> {
  // Servers that turn away who does not say what it is exist.
  const headers = { "user-agent": USER_AGENT };
  const { message, status } = await source.send({ ...options, headers, idleTimeoutMs: IDLE_TIMEOUT_MS }).catch((error: unknown) => {
    throw interruptionOf(error, options.signal);
  });
  if (status !== 200) {
    message.destroy();
    const reason = `the server answered ${status}`;
    throw temporaryStatus(message, reason) ?? new Error(reason);
  }
  const { bytes, isTooLarge } = await readBoundedBody(message, LARGEST_LIST_BYTES).catch((error: unknown) => {
    throw interruptionOf(error, options.signal);
  });
  if (isTooLarge) throw new Error("it is too large to be one");
  return bytes.toString();
}

/** The file's path as seen from the list's folder, when both are in the same place. */
function relativeName(list: Location, file: Location): readonly string[] {
  if (list.kind === "file" && file.kind === "file") return [relative(dirname(list.path), file.path)];
  if (list.kind !== "file" && file.kind === list.kind && list.url.host === file.url.host) {
    return [decoded(posix.relative(posix.dirname(list.url.pathname), file.url.pathname))];
  }
  return [];
}
