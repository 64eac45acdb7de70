// How one file of the user's program is handed to esbuild.
import { createHash } from "node:crypto";
import { dirname, extname } from "node:path";
import type { Loader } from "esbuild";

/** A module that answers what `import.meta` is in a file: `tspack-meta:/home/me/image.ts`. */
export const metaPrefix = "tspack-meta:";

/** A file and the hash of the content it had when the bundle was made. */
export interface HashedFile {
  readonly path: string;
  readonly hash: string;
}

const loaders: { readonly [extension: string]: Loader } = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".js": "js",
  ".mjs": "js",
  ".cjs": "js",
  ".jsx": "jsx",
  ".json": "json",
};

/** Extensions that may be left out of an import, in the order in which they are tried. */
export const impliedExtensions = [".ts", ".mts", ".js", ".mjs", ".cjs", ".json"];

/** What is to become of a file: code, JSON data, and everything else is text (a script, a preseed file, a template). */
export function loaderFor(path: string, type: string | undefined): Loader {
  if (type === "text") return "text";
  if (type === "json") return "json";
  if (type === "bytes") return "binary";
  return loaders[extname(path).toLowerCase()] ?? "text";
}

/** True for the loaders whose result is code of the user. */
export function isCode(loader: Loader): boolean {
  return loader === "ts" || loader === "tsx" || loader === "js" || loader === "jsx";
}

/** The hash under which the cache knows a file's content. */
export function contentHash(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/**
 * Adds what makes `import.meta`, `__dirname` and `__filename` mean the file itself and not the bundle. The import stands at the
 * end, since imports take effect wherever they stand and no line or column moves that way. CommonJS files cannot hold an import.
 */
export function withMeta(path: string, text: string): string {
  if (!/\bimport\.meta\b|\b__dirname\b|\b__filename\b/.test(text)) return text;
  if (/\.c[jt]s$/.test(path) || /\bmodule\.exports\b/.test(text)) {
    return `const __tspack_meta = ${JSON.stringify({ dirname: dirname(path), filename: path })}; ${text}`;
  }
  return `${text}\nimport { meta as __tspack_meta } from ${JSON.stringify(metaPrefix + path)};`;
}

/** The module behind `metaPrefix`. */
export function metaModule(path: string): string {
  const [file, folder] = [JSON.stringify(path), JSON.stringify(dirname(path))];
  return `export const meta = { dirname: ${folder}, filename: ${file}, url: __tspack_url(${file}), resolve: (name) => __tspack_url(__tspack_resolve(name, ${file})) };`;
}
