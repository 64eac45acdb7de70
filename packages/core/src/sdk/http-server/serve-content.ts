// Texts by HTTP (row HTTP-02).
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { didYouMean } from "../../diagnostics/suggest.ts";
import { SNIFF_BYTES, sniffContentType } from "./content-type.ts";
import type { RequestTarget } from "./request-target.ts";
import { respondWith, respondWithText } from "./respond.ts";

/** Answers a request with the text of its path; for an unknown path, names the one that may be meant. */
export async function serveContent(
  content: { readonly [path: string]: string },
  target: RequestTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = target.path === "/" ? "/" : target.path.replace(/\/$/, "");
  const text = Object.hasOwn(content, path) ? content[path] : undefined;
  if (text === undefined) {
    const hint = didYouMean(path, Object.keys(content).sort());
    respondWithText(request, response, 404, `${path} not found.${hint === undefined ? "" : ` ${hint}`}`);
    return;
  }
  const body = Buffer.from(text);
  await respondWith(request, response, {
    sizeBytes: body.length,
    contentType: sniffContentType(body.subarray(0, SNIFF_BYTES)),
    read: (start, end) => Readable.from([body.subarray(start, end + 1)]),
  });
}
