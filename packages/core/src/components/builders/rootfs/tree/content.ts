import { createReadStream } from "node:fs";
import type { FileNode } from "./node.ts";

/** Bytes of one read. */
const CHUNK_BYTES = 256 * 1024;

/** The bytes of a file, from wherever they are kept; nothing is opened before the first is asked for. */
export async function* contentOf(node: FileNode): AsyncGenerator<Uint8Array, void, undefined> {
  if (node.sizeBytes === 0) return;
  if (node.content instanceof Uint8Array) {
    yield node.content;
    return;
  }
  const { file, offset, spooled } = node.content;
  // One byte more than announced, so that a file which grew is noticed; in a spool others follow.
  const end = offset + node.sizeBytes - (spooled === true ? 1 : 0);
  yield* createReadStream(file, { start: offset, end, highWaterMark: CHUNK_BYTES });
}
