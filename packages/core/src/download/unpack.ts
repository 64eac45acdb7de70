import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { readTar } from "../archive/tar-reader.ts";
import { extractOnlyFile } from "../archive/zip-reader.ts";
import { digestFile } from "../checksum/digest.ts";
import { decompressor } from "../compression/decompressor.ts";
import { BuildError, errorText, isCancellation, TspackError } from "../diagnostics/error.ts";
import type { Progress } from "../sdk/ui.ts";
import { type ArchiveFormat, packingOf } from "./archive-format.ts";
import type { Environment } from "./proxy.ts";
import { isFileError } from "./transfer.ts";

/** What unpacking works with, and whom it tells. */
export interface UnpackOptions {
  readonly format: ArchiveFormat;
  /** Programs that decompress are found by its PATH. */
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Called with the size of the packed file, which is what it counts. */
  readonly progress?: ((totalBytes: number) => Progress) | undefined;
}

/**
 * Unpacks the one file that is in another to `destination`, which is replaced, and resolves to its SHA-256. Throws `BuildError` (TPK7001)
 * when the packed file is damaged or holds not exactly one file, (TPK6008) when a program is missing; errors of the file system as they are.
 * A destination that is not whole is removed.
 */
export async function unpack(packed: string, destination: string, options: UnpackOptions): Promise<string> {
  const { format, signal } = options;
  try {
    if (packingOf(format).container !== "zip") return await unpackStream(packed, destination, options);
    await extractOnlyFile(packed, { destination, signal });
    const [digest = ""] = await digestFile(destination, ["sha256"], { signal });
    return digest;
  } catch (error) {
    await rm(destination, { force: true });
    if (signal.aborted || isCancellation(error) || isFileError(error)) throw error;
    if (TspackError.is(error) && error.code === "TPK6008") throw error;
    throw new BuildError(`could not unpack ${packed} as ${format}: ${errorText(error)}`, { code: "TPK7001", cause: error });
  }
}

// --- internal ---

async function unpackStream(packed: string, destination: string, options: UnpackOptions): Promise<string> {
  const { format, signal, environment } = options;
  const { compression, container } = packingOf(format);
  const progress = options.progress?.((await stat(packed)).size);
  const hash = createHash("sha256");
  const counted = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      progress?.advance(chunk.length);
      yield chunk;
    }
  };
  const hashed = async function* (source: AsyncIterable<Uint8Array>) {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  };
  const plain = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
    yield* compression === undefined ? source : decompressor(compression, { signal, environment })(source);
  };
  const single = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    yield* container === "tar" ? onlyFileOf(source) : source;
  };
  try {
    const source = createReadStream(packed, { highWaterMark: 256 * 1024 });
    await pipeline(source, counted, plain, single, hashed, createWriteStream(destination), { signal });
  } finally {
    progress?.finish();
  }
  return hash.digest("hex");
}

/** The content of the only file of a tar archive; its folders do not count. */
async function* onlyFileOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let found: string | undefined;
  for await (const { type, name, content } of readTar(source)) {
    if (type === "directory") continue;
    if (type !== "file") throw new Error(`${name} in it is not a plain file`);
    if (found !== undefined) throw new Error(`it has several files, where one is wanted: ${found}, ${name}, …`);
    found = name;
    yield* content;
  }
  if (found === undefined) throw new Error("there is no file in it");
}
