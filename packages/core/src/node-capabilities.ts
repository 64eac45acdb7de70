// What this Node can do that the oldest one we support (20.19) cannot. Nothing else looks at versions.
import type { Transform } from "node:stream";
import * as zlib from "node:zlib";

/** Zstandard in `node:zlib`: Node 22.15 and 23.8 (nodejs/node#52100). */
export interface ZstdOfNode {
  compress(options: { readonly level: number | undefined }): Transform;
  decompress(): Transform;
}

/** Node's own Zstandard, or undefined where it has none. */
export function findZstd(): ZstdOfNode | undefined {
  const found: { readonly [name: string]: unknown } = zlib;
  const { createZstdCompress, createZstdDecompress } = found;
  if (typeof createZstdCompress !== "function" || typeof createZstdDecompress !== "function") return undefined;
  const constants: { readonly [name: string]: number } = zlib.constants;
  const levelKey = constants.ZSTD_c_compressionLevel;
  return {
    compress: ({ level }) => createZstdCompress(level === undefined || levelKey === undefined ? {} : { params: { [levelKey]: level } }),
    decompress: () => createZstdDecompress(),
  };
}
