import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { truncate } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { BuildError, TspackError } from "../diagnostics/error.ts";
import { fileTrouble } from "../files/file-trouble.ts";
import { redactLocation } from "./location.ts";
import { findPart, type PartOrigin, rememberOrigin } from "./part-file.ts";
import type { Environment } from "./proxy.ts";
import { type HttpResponse, USER_AGENT } from "./request.ts";
import { Interruption, interruptionOf, temporaryStatus } from "./retry.ts";
import type { Source } from "./source.ts";

/** What one attempt works with, and whom it tells. */
export interface TransferOptions {
  readonly signal: AbortSignal;
  readonly environment: Environment;
  readonly idleTimeoutMs: number;
  /** The file that is there already; taken again if it has the time and size that the server tells. */
  readonly existing?: { readonly mtime: Date; readonly size: number } | undefined;
  /** Told once per attempt where it starts and, if known, where it ends. */
  onStart(done: number, total: number | undefined): void;
  /** Told of each piece, in order. What it throws ends the attempt. */
  onBytes(bytes: Buffer): void;
}

/** How an attempt ended well: the part is complete, or what is there already is the same. */
export type TransferResult =
  | { readonly kind: "complete"; readonly lastModified: Date | undefined; readonly resumed: boolean }
  | { readonly kind: "not-modified" };

/**
 * One attempt to fetch the rest of a file into its part file, going on where an earlier attempt stopped if the server proves
 * that it still has the same file. Throws `Interruption` when it makes sense to try again (what arrived is kept), and
 * `BuildError` when it does not.
 */
export async function transfer(source: Source, target: string, options: TransferOptions): Promise<TransferResult> {
  const part = await findPart(target);
  const urlDigest = createHash("sha256").update(source.url.href).digest("hex");
  const known = part.origin?.urlDigest === urlDigest && part.sizeBytes > 0 ? part.origin : undefined;
  const response = await send(source, part.sizeBytes, known, options);
  const { message, status } = response;
  if (status === 200 && known === undefined && isSame(message, options.existing)) {
    message.destroy();
    return { kind: "not-modified" };
  }
  const start = known === undefined ? 0 : acceptedStart(response, part.sizeBytes);
  if (start === "complete") {
    message.destroy();
    return { kind: "complete", lastModified: lastModifiedOf(message), resumed: true };
  }
  if (start === "restart") {
    message.destroy();
    await rememberOrigin(target, undefined);
    throw new Interruption("the server would not continue where the last attempt stopped");
  }
  // A part that nobody asked for is not the file.
  if (status !== 200 && (status !== 206 || known === undefined)) {
    message.destroy();
    throw statusFailure(source.url, message);
  }
  const length = message.headers["content-length"];
  const total = length === undefined ? undefined : start + Number(length);
  // Old bytes go before the new note is written: together they would look like a part of the new file.
  if (start === 0) await truncate(part.path).catch(() => undefined);
  await rememberOrigin(target, start > 0 ? known : originOf(message, urlDigest));
  options.onStart(start, total);
  await receive(message, part.path, start, total, options);
  return { kind: "complete", lastModified: lastModifiedOf(message), resumed: start > 0 };
}

async function send(source: Source, done: number, known: PartOrigin | undefined, options: TransferOptions): Promise<HttpResponse> {
  // Bytes are wanted as they are stored: a compressed transfer could be neither resumed nor checked for its length.
  const headers: { [name: string]: string } = { "accept-encoding": "identity", "user-agent": USER_AGENT };
  if (known !== undefined) {
    headers.range = `bytes=${done}-`;
    headers["if-range"] = known.validator;
  }
  try {
    return await source.send({ headers, ...options });
  } catch (error) {
    throw interruptionOf(error, options.signal);
  }
}

/**
 * Whether a response has what is there already. If-Modified-Since would ask less: the file may be an older one from another place, which
 * no server calls modified.
 */
function isSame(message: IncomingMessage, existing: TransferOptions["existing"]): boolean {
  const lastModified = lastModifiedOf(message);
  if (existing === undefined || lastModified === undefined) return false;
  const isSameTime = Math.floor(existing.mtime.getTime() / 1000) === Math.floor(lastModified.getTime() / 1000);
  return isSameTime && message.headers["content-length"] === String(existing.size);
}

/** Where the body of a response to a Range request starts (RFC 9110 §14.4, §15.5.17). */
function acceptedStart({ message, status }: HttpResponse, done: number): number | "complete" | "restart" {
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(message.headers["content-range"] ?? "");
  if (status === 416) return range?.[2] === String(done) ? "complete" : "restart";
  if (status === 206) return range?.[1] === String(done) ? done : "restart";
  return 0;
}

async function receive(
  message: IncomingMessage,
  path: string,
  start: number,
  total: number | undefined,
  options: TransferOptions,
): Promise<void> {
  let done = start;
  const counted = async function* (body: AsyncIterable<Buffer>) {
    for await (const chunk of body) {
      done += chunk.length;
      options.onBytes(chunk);
      yield chunk;
    }
  };
  try {
    await pipeline(message, counted, createWriteStream(path, { flags: start === 0 ? "w" : "r+", start }), { signal: options.signal });
  } catch (error) {
    if (isFileError(error)) throw unwritable(path, fileTrouble(error), error);
    // What `onBytes` does not want any more is no accident of the connection.
    if (options.signal.aborted || TspackError.is(error)) throw error;
    const place = total === undefined ? `${done} bytes` : `${done} of ${total} bytes`;
    throw new Interruption(`the connection broke after ${place}`, { cause: error });
  }
  if (total !== undefined && done !== total) throw new Interruption(`it ended after ${done} of ${total} bytes`);
}

function statusFailure(url: URL, message: IncomingMessage): Error {
  const reason = `the server answered ${message.statusCode} ${message.statusMessage ?? ""}`.trim();
  return temporaryStatus(message, reason) ?? new BuildError(`could not download ${redactLocation(url)}: ${reason}`, { code: "TPK7001" });
}

/** A file that a download needs cannot be written (TPK6011); `reason` ends the sentence. */
export function unwritable(path: string, reason: string, cause?: unknown): BuildError {
  return new BuildError(`could not write the downloaded file ${path}: ${reason}`, { code: "TPK6011", cause });
}

/** True for what goes wrong with a file of ours, and not with a connection. */
export function isFileError(error: unknown): boolean {
  return error instanceof Error && "code" in error && fileErrors.includes(error.code);
}

/** Codes that come from writing the file; what else breaks off is the connection. */
const fileErrors: readonly unknown[] = [
  "ENOSPC",
  "EDQUOT",
  "EFBIG",
  "EACCES",
  "EPERM",
  "EROFS",
  "EIO",
  "EISDIR",
  "ENOTDIR",
  "EEXIST",
  "ENOENT",
  "EMFILE",
];

function originOf(message: IncomingMessage, urlDigest: string): PartOrigin | undefined {
  const { etag, "last-modified": date } = message.headers;
  const validator = etag !== undefined && !etag.startsWith("W/") ? etag : date;
  return validator === undefined || message.headers["accept-ranges"] === "none" ? undefined : { urlDigest, validator };
}

function lastModifiedOf(message: IncomingMessage): Date | undefined {
  const date = new Date(message.headers["last-modified"] ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}
