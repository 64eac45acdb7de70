// Answering with a content of known size: HEAD, conditions and ranges (RFC 9110 §13, §14).
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** A content whose size is known, of which any part can be read. */
export interface Content {
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly lastModified?: Date | undefined;
  /** The bytes from `start` up to and with `end`. */
  read(start: number, end: number): Readable;
}

/** Sends a content, or the part of it that was asked for. Several ranges at once get the whole, as RFC 9110 §14.2 allows. */
export async function respondWith(request: IncomingMessage, response: ServerResponse, content: Content): Promise<void> {
  const { sizeBytes, lastModified } = content;
  if (lastModified !== undefined) response.setHeader("last-modified", lastModified.toUTCString());
  const condition = conditionFailed(request, lastModified);
  if (condition !== undefined) {
    response.writeHead(condition).end();
    return;
  }
  response.setHeader("accept-ranges", "bytes");
  const range = requestedRange(request, sizeBytes, lastModified);
  if (range === "outside") {
    response.setHeader("content-range", `bytes */${sizeBytes}`);
    respondWithText(request, response, 416, "the range is outside of the file");
    return;
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
  if (range !== undefined) response.setHeader("content-range", `bytes ${start}-${end}/${sizeBytes}`);
  response.setHeader("content-type", content.contentType);
  response.setHeader("content-length", end - start + 1);
  response.writeHead(range === undefined ? 200 : 206);
  if (request.method === "HEAD" || end < start) {
    response.end();
    return;
  }
  let sent = 0;
  const counted = async function* (body: AsyncIterable<Buffer>) {
    for await (const chunk of body) {
      sent += chunk.length;
      yield chunk;
    }
    // A file that became shorter: the connection is all that can still say so.
    if (sent !== end - start + 1) throw new Error("the file became shorter while it was sent");
  };
  await pipeline(content.read(start, end), counted, response);
}

/** Sends a short text. */
export function respondWithText(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(`${text}\n`);
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("content-length", body.length);
  response.writeHead(status).end(request.method === "HEAD" ? undefined : body);
}

// --- internal ---

/** The status that a condition of the request asks for, if it does. Dates have whole seconds. */
function conditionFailed(request: IncomingMessage, lastModified: Date | undefined): 304 | 412 | undefined {
  if (lastModified === undefined) return undefined;
  const changed = Math.floor(lastModified.getTime() / 1000);
  const unless = seconds(request.headers["if-unmodified-since"]);
  if (unless !== undefined && changed > unless) return 412;
  const since = seconds(request.headers["if-modified-since"]);
  const isRead = request.method === "GET" || request.method === "HEAD";
  return isRead && since !== undefined && changed <= since && request.headers["if-none-match"] === undefined ? 304 : undefined;
}

function requestedRange(
  request: IncomingMessage,
  size: number,
  lastModified: Date | undefined,
): { readonly start: number; readonly end: number } | "outside" | undefined {
  const condition = request.headers["if-range"];
  if (condition !== undefined && (lastModified === undefined || seconds(String(condition)) !== Math.floor(lastModified.getTime() / 1000))) {
    return undefined;
  }
  const range = /^bytes=\s*(\d*)-(\d*)\s*$/.exec(request.headers.range ?? "");
  if (range === null) return undefined;
  const [, first = "", last = ""] = range;
  if (first === "" && last === "") return undefined;
  if (first === "") return Number(last) === 0 || size === 0 ? "outside" : { start: Math.max(0, size - Number(last)), end: size - 1 };
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? "outside" : { start, end: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
}

function seconds(date: string | undefined): number | undefined {
  const time = Date.parse(date ?? "");
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}
