import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { decompressor, detectCompression } from "../../../../compression/decompressor.ts";
import type { Spool } from "../tree/spool.ts";

export interface ArchiveOptions {
  /** Contents are kept here. */
  readonly spool: Spool;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly nowSeconds: number;
  readonly signal: AbortSignal;
}

/** A file's bytes, or a stretch of them, decompressed if they are compressed. */
export async function* unpacked(
  file: string,
  range: { readonly start: number; readonly end?: number | undefined },
  options: Pick<ArchiveOptions, "signal" | "environment">,
): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await open(file, "r");
  const first = Buffer.alloc(6);
  await handle.read(first, 0, first.length, range.start).finally(() => handle.close());
  const format = detectCompression(first);
  const end = range.end === undefined ? {} : { end: range.end };
  const bytes = createReadStream(file, { start: range.start, ...end, highWaterMark: 256 * 1024 });
  if (format === undefined) yield* bytes;
  else yield* decompressor(format, { signal: options.signal, environment: options.environment })(bytes);
}
