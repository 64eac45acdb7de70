import { createHash, type Hash } from "node:crypto";
import { mkdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Checksum, formatChecksum } from "../checksum/checksum.ts";
import { digestFile } from "../checksum/digest.ts";
import { BuildError, CancelledError, errorText, isCancellation, TspackError } from "../diagnostics/error.ts";
import { fileTrouble } from "../files/file-trouble.ts";
import { withFileLock } from "../locks/file-lock.ts";
import type { Progress } from "../sdk/ui.ts";
import type { ArchiveFormat } from "./archive-format.ts";
import { resolveChecksum } from "./checksum-file.ts";
import { cacheKey, cacheName, type Location, locationBaseName, parseLocation, redactLocation } from "./location.ts";
import { partPath, removePart } from "./part-file.ts";
import type { Environment } from "./proxy.ts";
import { withRetries } from "./retry.ts";
import { openSource, type Source } from "./source.ts";
import { isFileError, type TransferResult, transfer, unwritable } from "./transfer.ts";

/** What is to be had, what it has to match, and where it goes. */
export interface DownloadOptions {
  /** A path, or the address of a file: see `parseLocation`. */
  readonly location: string;
  readonly checksum: Checksum;
  /** Where a download goes. Without one it gets a name of its own in `cacheDirectory` (row ISO-06). */
  readonly destination?: string | undefined;
  readonly cacheDirectory?: string | undefined;
  /** Extension of the name in the cache, without a dot; the location's own unless given. */
  readonly extension?: string | undefined;
  readonly workingDirectory: string;
  /** Proxies and trusted certificates are read from here. */
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Called when bytes begin to move; `ui.progress` fits. */
  readonly progress?: ((label: string, totalBytes?: number) => Progress) | undefined;
  /** Told about retries and waiting, one line each. */
  readonly log?: ((text: string) => void) | undefined;
  /** Attempts that bring nothing before giving up; 5 unless given. */
  readonly attempts?: number | undefined;
  /** Pause before the second attempt; 500 ms unless given, then doubling. */
  readonly firstDelayMs?: number | undefined;
  /** An attempt ends when nothing arrives for so long; 60 s unless given. */
  readonly idleTimeoutMs?: number | undefined;
  /** The file is packed like this, and what is in it is wanted: `checksum` is that of the packed file, of which nothing is kept. */
  readonly archive?: ArchiveFormat | undefined;
  /** A file that is larger is given up, whatever the server says; any size will do unless given. */
  readonly largestBytes?: number | undefined;
}

/** A file that is there now. */
export interface Downloaded {
  /** Absolute path of the whole, verified file. */
  readonly path: string;
  /** "local": used in place. "reused": it was there already. */
  readonly from: "local" | "reused" | "downloaded";
}

type Resolved = Exclude<Checksum, { kind: "list" }>;

/**
 * Makes a file available (rows ISO-03 to ISO-09). A local file is checked and used where it is. A download that exists with
 * the right checksum, or (without a checksum) that the server says has not changed, is used again. Otherwise it is fetched:
 * resumed after interruptions, also those of an earlier run, and given its name only when it is complete and its checksum
 * right, and unpacked where that is wanted. Tasks and processes that want the same destination wait for the first and use its result.
 *
 * Throws `BuildError` with TPK7001 (cannot be had), TPK7002 (wrong checksum) or TPK6011 (cannot be written), naming the
 * location without credentials; a cancellation on abort. A part of a file that can be resumed is kept as `NAME.part`.
 */
export async function download(options: DownloadOptions): Promise<Downloaded> {
  const { signal, log = () => undefined } = options;
  const shown = redactLocation(options.location);
  try {
    signal.throwIfAborted();
    const location = parseLocation(options.location, options.workingDirectory);
    const resolved = (isFresh: boolean): Promise<Resolved> =>
      resolveChecksum(options.checksum, options.location, { ...options, log, isFresh });
    const checksum = await resolved(false);
    try {
      return await obtain({ ...options, log }, location, checksum);
    } catch (error) {
      if (options.checksum.kind !== "list" || !TspackError.is(error) || error.code !== "TPK7002") throw error;
      // Image and list may have been replaced since the list was read.
      const now = await resolved(true).catch(() => checksum);
      if (formatChecksum(now) === formatChecksum(checksum)) throw error;
      return await obtain({ ...options, log }, location, now);
    }
  } catch (error) {
    if (signal.aborted || isCancellation(error)) throw TspackError.is(error) ? error : new CancelledError();
    if (TspackError.is(error)) throw error;
    throw new BuildError(`could not download ${shown}: ${errorText(error)}`, { code: "TPK7001", cause: error });
  }
}

/** Options that are complete. */
interface Settings extends DownloadOptions {
  readonly log: (text: string) => void;
}

interface Job {
  readonly source: Source;
  readonly target: string;
  readonly checksum: Resolved;
  readonly shown: string;
  readonly label: string;
}

async function obtain(options: Settings, location: Location, checksum: Resolved): Promise<Downloaded> {
  const { signal, log, archive } = options;
  const shown = redactLocation(options.location);
  if (location.kind === "file" && archive === undefined) {
    await verifyLocal(location.path, checksum, shown, options);
    return { path: location.path, from: "local" };
  }
  const target = destinationOf(options, location, checksum);
  const onWait = (): void => log(`${shown} is being downloaded by somebody else; waiting`);
  const isThere = async (): Promise<boolean> => {
    if (archive === undefined || checksum.kind === "none") return present(target, checksum, signal);
    const { isUnpackedFrom } = await import("./unpacked-file.ts");
    return isUnpackedFrom(target, formatChecksum(checksum), signal);
  };
  const fetchTo = (): Promise<Downloaded> =>
    archive === undefined
      ? fetchFrom(location, target, checksum, options)
      : fetchUnpacked(location, target, checksum, { ...options, archive });
  return reuseOrFetch(target, { signal, isThere, onWait, fetchTo });
}

/** Fetches what is no file of this machine, and verifies it; or verifies one that is. Resolves to where it is. */
async function fetchFrom(location: Location, target: string, checksum: Resolved, options: Settings): Promise<Downloaded> {
  const shown = redactLocation(options.location);
  if (location.kind === "file") {
    await verifyLocal(location.path, checksum, shown, options);
    return { path: location.path, from: "local" };
  }
  const label = locationBaseName(location) || location.url.host;
  if (location.kind === "repository") {
    const { fetchRepositoryFile } = await import("./repository-file.ts");
    const part = partPath(target);
    const { environment, signal, idleTimeoutMs = 60_000 } = options;
    await fetchRepositoryFile(location, part, {
      environment,
      signal,
      idleTimeoutMs,
      progress: () => options.progress?.(label) ?? { advance() {}, finish() {} },
    });
    const wrong = await wrongDigest(part, checksum, signal);
    if (wrong !== undefined) {
      await removePart(target);
      throw wrongChecksum(shown, checksum, wrong, options);
    }
    await rename(part, target);
    return { path: target, from: "downloaded" };
  }
  return fetchVerified(options, { source: await openSource(location, options.environment), target, checksum, shown, label });
}

async function fetchUnpacked(
  location: Location,
  target: string,
  checksum: Resolved,
  options: Settings & { readonly archive: ArchiveFormat },
): Promise<Downloaded> {
  const { archive: format, environment, signal } = options;
  const packed = await fetchFrom(location, `${target}.${format}`, checksum, options);
  const label = `unpacking ${locationBaseName(location)}`;
  const progress = (totalBytes: number): Progress => options.progress?.(label, totalBytes) ?? { advance() {}, finish() {} };
  const verified = checksum.kind === "none" ? undefined : formatChecksum(checksum);
  const { unpackTo } = await import("./unpacked-file.ts");
  try {
    await unpackTo(target, { path: packed.path, checksum: verified }, { format, environment, signal, progress });
  } finally {
    if (packed.from !== "local") await rm(packed.path, { force: true });
  }
  return { path: target, from: "downloaded" };
}

async function verifyLocal(path: string, checksum: Resolved, shown: string, options: Settings): Promise<void> {
  await requireFile(path, shown);
  const wrong = await wrongDigest(path, checksum, options.signal);
  if (wrong !== undefined) throw wrongChecksum(shown, checksum, wrong, options);
}

/** Alone with the target: takes the file that is there, or has it fetched. */
async function reuseOrFetch(
  target: string,
  {
    signal,
    isThere,
    onWait,
    fetchTo,
  }: { readonly signal: AbortSignal; isThere(): Promise<boolean>; onWait(): void; fetchTo(): Promise<Downloaded> },
): Promise<Downloaded> {
  try {
    await mkdir(dirname(target), { recursive: true });
    return await withFileLock(`${target}.lock`, { signal, onWait }, async () => {
      if (await isThere()) return { path: target, from: "reused" };
      // Found out before the bytes have come.
      if (await isFolder(target)) throw unwritable(target, "it is a folder");
      return await fetchTo();
    });
  } catch (error) {
    if (!isFileError(error)) throw error;
    // A cache that nothing can be written to, being read-only or full, is as good as any other for what it holds.
    if (await isThere()) return { path: target, from: "reused" };
    throw unwritable(target, fileTrouble(error), error);
  }
}

async function fetchVerified(options: Settings, job: Job): Promise<Downloaded> {
  for (let again = false; ; again = true) {
    const result = await fetchPart(options, job);
    if (result.kind === "not-modified") return { path: job.target, from: "reused" };
    const part = partPath(job.target);
    const wrong =
      result.digest === undefined ? await wrongDigest(part, job.checksum, options.signal) : otherThan(job.checksum, result.digest);
    if (wrong === undefined) {
      // Kept as the file's own time, by which it is known again.
      if (result.lastModified !== undefined) await utimes(part, new Date(), result.lastModified);
      await rename(part, job.target);
      await removePart(job.target);
      return { path: job.target, from: "downloaded" };
    }
    const failure = wrongChecksum(job.shown, job.checksum, wrong, options);
    await removePart(job.target);
    // A file glued together from two attempts may be wrong for that reason alone.
    if (again || !result.resumed) throw failure;
    options.log(`${failure.message}; it was resumed, so it is downloaded anew`);
  }
}

/** `digest` is that of the whole file, where all of it came in one attempt. */
type Fetched = TransferResult & { readonly digest?: string | undefined };

async function fetchPart(options: Settings, job: Job): Promise<Fetched> {
  const existing = job.checksum.kind === "none" ? await stat(job.target).catch(() => undefined) : undefined;
  let progress: Progress | undefined;
  let furthest = 0;
  let done = 0;
  let announced = 0;
  let isTooLarge = false;
  let hash: Hash | undefined;
  const { largestBytes = Number.POSITIVE_INFINITY } = options;
  /** The bar only moves forward: what an attempt fetches again is not added again. */
  const moveTo = (position: number): void => {
    done = position;
    if (done <= furthest) return;
    progress?.advance(done - furthest);
    furthest = done;
  };
  const attempt = (): Promise<TransferResult> =>
    transfer(job.source, job.target, {
      signal: options.signal,
      environment: options.environment,
      idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
      existing,
      onStart(start, total) {
        announced = total ?? 0;
        // Large files take as long to read again as to check on the way.
        hash = start === 0 && job.checksum.kind === "digest" ? createHash(job.checksum.type) : undefined;
        progress ??= options.progress?.(job.label, total);
        moveTo(start);
      },
      onBytes(bytes) {
        isTooLarge = Math.max(announced, done + bytes.length) > largestBytes;
        if (isTooLarge) throw tooLarge(job.shown, largestBytes);
        hash?.update(bytes);
        moveTo(done + bytes.length);
      },
    });
  try {
    const result = await withRetries(job.shown, options, attempt, () => furthest);
    return result.kind === "complete" && !result.resumed ? { ...result, digest: hash?.digest("hex") } : result;
  } catch (error) {
    // Nobody goes on with a file that is too large, and one that has filled the disk is in everybody's way.
    const isInTheWay = TspackError.is(error) && error.code === "TPK6011";
    if (isTooLarge || isInTheWay) await removePart(job.target).catch(() => undefined);
    throw error;
  } finally {
    progress?.finish();
  }
}

function destinationOf(options: DownloadOptions, location: Location, checksum: Resolved): string {
  if (options.destination !== undefined) return resolve(options.workingDirectory, options.destination);
  const text = checksum.kind === "none" ? undefined : formatChecksum(checksum);
  return join(
    resolve(options.workingDirectory, options.cacheDirectory ?? "."),
    cacheName(cacheKey(location, options.location), text, options.extension),
  );
}

async function requireFile(path: string, shown: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new BuildError(`${shown} does not exist, or cannot be read`, { code: "TPK7001" });
  if (!found.isFile()) throw new BuildError(`${shown} is not a file`, { code: "TPK7001" });
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

/** True if a file is there that need not be downloaded again. */
async function present(path: string, checksum: Resolved, signal: AbortSignal): Promise<boolean> {
  if (checksum.kind === "none") return false;
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && (await wrongDigest(path, checksum, signal)) === undefined;
}

/** The digest that a file has in place of the right one; undefined when all is well. */
async function wrongDigest(path: string, checksum: Resolved, signal: AbortSignal): Promise<string | undefined> {
  if (checksum.kind === "none") return undefined;
  const [actual = ""] = await digestFile(path, [checksum.type], { signal });
  return otherThan(checksum, actual);
}

function otherThan(checksum: Resolved, actual: string): string | undefined {
  return checksum.kind === "none" || actual === checksum.hex ? undefined : `${checksum.type}:${actual}`;
}

function tooLarge(shown: string, largestBytes: number): BuildError {
  return new BuildError(`${shown} is larger than the ${Math.floor(largestBytes / 1_000_000)} MB that it may have`, {
    code: "TPK7001",
    hint: "Is it the file that it should be?",
  });
}

function wrongChecksum(shown: string, checksum: Resolved, actual: string, { archive }: Settings): BuildError {
  return new BuildError(`the checksum of ${shown} is wrong: expected ${formatChecksum(checksum)}, it has ${actual}`, {
    code: "TPK7002",
    hint:
      archive === undefined
        ? "Either the file has changed and the checksum has to follow, or somebody has tampered with it."
        : "The checksum has to be that of the packed file, before it is unpacked. If it is, the file has changed, or somebody has tampered with it.",
  });
}
