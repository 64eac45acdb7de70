import { extname } from "node:path";

/** Types that Go's server knows by their extension on every system. */
const byExtension: { readonly [extension: string]: string } = {
  ".avif": "image/avif",
  ".css": "text/css; charset=utf-8",
  ".gif": "image/gif",
  ".htm": "text/html; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webp": "image/webp",
  ".xml": "text/xml; charset=utf-8",
};

/** How many bytes `sniffContentType` looks at. */
export const SNIFF_BYTES = 512;

/** The type of a file by its name, or undefined when only its content can tell. */
export function contentTypeOf(name: string): string | undefined {
  return byExtension[extname(name).toLowerCase()];
}

/** The type of a content by its first bytes: HTML, XML, other text, some archives, or bytes (WHATWG MIME Sniffing §7.1, abridged). */
export function sniffContentType(start: Buffer): string {
  const text = start.toString("latin1").trimStart().toLowerCase();
  if (/^<(!doctype html|html|head|script|body|title|style|table|h1|div|p|a|br|b|font|iframe|!--)[ >]/.test(text))
    return "text/html; charset=utf-8";
  if (text.startsWith("<?xml")) return "text/xml; charset=utf-8";
  if (start.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) return "application/x-gzip";
  if (start.subarray(0, 4).equals(Buffer.from("PK\x03\x04", "latin1"))) return "application/zip";
  const isBinary = start.some((byte) => byte <= 8 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f));
  return isBinary ? "application/octet-stream" : "text/plain; charset=utf-8";
}
