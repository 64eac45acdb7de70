// A folder by HTTP, in the way of Go's http.FileServer, which Packer's users know (row HTTP-01).
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join, posix, resolve } from "node:path";
import { contentTypeOf, SNIFF_BYTES, sniffContentType } from "./content-type.ts";
import type { RequestTarget } from "./request-target.ts";
import { respondWith, respondWithText } from "./respond.ts";

/**
 * Answers a request with a file or the listing of a folder. `index.html` stands for its folder; a folder's path ends in a slash, a file's does not, and
 * the other form redirects. No path leads out of the folder, but symbolic links do, as in Go: they were put there by whoever serves.
 */
export async function serveDirectory(
  root: string,
  target: RequestTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { path, query } = target;
  if (path.endsWith("/index.html")) return redirect(response, `./${query}`);
  // What separates paths on Windows only must not do so here.
  if (path.includes("\0") || (process.platform === "win32" && /[\\:]/.test(path)))
    return respondWithText(request, response, 404, "404 page not found");
  // Without the slash at the end, behind which a file could not be found.
  const place = resolve(root, `.${path}`);
  try {
    const found = await stat(place);
    const isFolderPath = path.endsWith("/");
    if (found.isDirectory()) {
      if (!isFolderPath) return redirect(response, `${encodeURIComponent(posix.basename(path))}/${query}`);
      return (await sendIndex(place, request, response)) ? undefined : await sendListing(place, found.mtime, request, response);
    }
    if (isFolderPath) return redirect(response, `../${encodeURIComponent(posix.basename(path))}${query}`);
    // Pipes and devices would never end.
    if (!found.isFile()) return respondWithText(request, response, 403, "403 Forbidden");
    await sendFile(place, request, response);
  } catch (error) {
    if (response.headersSent) throw error;
    const status = statusFor(error);
    respondWithText(
      request,
      response,
      status,
      { 403: "403 Forbidden", 404: "404 page not found", 500: "500 Internal Server Error" }[status],
    );
  }
}

// --- internal ---

async function sendIndex(folder: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const index = join(folder, "index.html");
  if ((await stat(index).catch(() => undefined))?.isFile() !== true) return false;
  await sendFile(index, request, response);
  return true;
}

async function sendFile(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const file = await open(path);
  try {
    const { size, mtime } = await file.stat();
    await respondWith(request, response, {
      sizeBytes: size,
      contentType: contentTypeOf(path) ?? sniffContentType(await firstBytes(file)),
      lastModified: mtime,
      read: (start, end) => file.createReadStream({ start, end, autoClose: false }),
    });
  } finally {
    await file.close();
  }
}

async function firstBytes(file: FileHandle): Promise<Buffer> {
  const buffer = Buffer.alloc(SNIFF_BYTES);
  const { bytesRead } = await file.read(buffer, 0, SNIFF_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

async function sendListing(folder: string, lastModified: Date, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  const lines = names.map((name) => `<a href="${linkTo(name)}">${escapeHtml(name)}</a>\n`);
  const body = Buffer.from(`<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${lines.join("")}</pre>\n`);
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.setHeader("content-length", body.length);
  response.setHeader("last-modified", lastModified.toUTCString());
  response.writeHead(200).end(request.method === "HEAD" ? undefined : body);
}

function linkTo(name: string): string {
  return name.endsWith("/") ? `${encodeURIComponent(name.slice(0, -1))}/` : encodeURIComponent(name);
}

function escapeHtml(text: string): string {
  const entities: { readonly [character: string]: string } = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

function redirect(response: ServerResponse, location: string): void {
  response.setHeader("location", location);
  response.setHeader("content-length", 0);
  response.writeHead(301).end();
}

function statusFor(error: unknown): 403 | 404 | 500 {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG" || code === "ELOOP") return 404;
  return code === "EACCES" || code === "EPERM" ? 403 : 500;
}
