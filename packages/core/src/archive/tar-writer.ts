import { BuildError } from "../diagnostics/error.ts";
import { type TarHeader, tarEnd, tarHeader, tarPadding } from "./tar-header.ts";

export type { TarEntryType, TarHeader } from "./tar-header.ts";

/** One member of an archive to write. */
export interface TarEntry extends TarHeader {
  /** Length of the content; the content's own length, when it is bytes, unless given. 0 for what is not a file. */
  readonly sizeBytes?: number | undefined;
  /**
   * The bytes of a file. A function is called when the member's turn comes, so that one file is open at a time; what it
   * returns is read to its end, or closed (`return()`) when writing stops early.
   */
  readonly content?: Uint8Array | (() => AsyncIterable<Uint8Array>) | undefined;
}

/** Small pieces are gathered up to this size, so that many small files do not mean many small writes. */
const BATCH_BYTES = 64 * 1024;

/**
 * Writes a tar archive: ustar, with PAX records for long or non-ASCII names, sizes from 8 GiB, large ids and extended
 * attributes. Pulls one entry after the other, so memory stays bounded and back-pressure holds; the same entries give the
 * same bytes. Use it as a source: `pipeline(writeTar(entries), compressor, file)`.
 *
 * Throws `BuildError` (TPK6011) when a content is longer or shorter than announced: the file changed while it was read.
 */
export async function* writeTar(entries: Iterable<TarEntry> | AsyncIterable<TarEntry>): AsyncGenerator<Buffer, void, undefined> {
  let batch: Uint8Array[] = [];
  let batched = 0;
  const flush = (): Buffer => {
    const whole = Buffer.concat(batch, batched);
    batch = [];
    batched = 0;
    return whole;
  };
  for await (const entry of entries) {
    const size = contentLength(entry);
    for await (const chunk of member(entry, size)) {
      if (chunk.length >= BATCH_BYTES) {
        if (batched > 0) yield flush();
        yield asBuffer(chunk);
        continue;
      }
      if (batched + chunk.length > BATCH_BYTES) yield flush();
      // A reader may use its buffer again once it is asked for more, so a chunk that waits is copied.
      batch.push(Buffer.from(chunk));
      batched += chunk.length;
    }
  }
  batch.push(tarEnd());
  batched = batch.reduce((sum, chunk) => sum + chunk.length, 0);
  yield flush();
}

function contentLength(entry: TarEntry): number {
  if (entry.type !== "file") return 0;
  if (entry.content instanceof Uint8Array) return entry.content.length;
  return entry.sizeBytes ?? 0;
}

async function* member(entry: TarEntry, sizeBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  yield tarHeader(entry, sizeBytes);
  if (sizeBytes === 0) return;
  if (entry.content instanceof Uint8Array) {
    yield entry.content;
  } else {
    let seen = 0;
    for await (const chunk of entry.content?.() ?? []) {
      seen += chunk.length;
      if (seen > sizeBytes) break;
      if (chunk.length > 0) yield chunk;
    }
    if (seen !== sizeBytes) {
      throw new BuildError(
        `${entry.name} ${seen > sizeBytes ? "became longer than" : `ended after ${seen} of`} ${sizeBytes} bytes while it was archived`,
        { code: "TPK6011", hint: "Something still writes to the file; archive it once that is done." },
      );
    }
  }
  yield tarPadding(sizeBytes);
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
