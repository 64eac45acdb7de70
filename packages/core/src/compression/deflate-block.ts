import { availableParallelism } from "node:os";
import { constants, deflateRaw } from "node:zlib";

/** How one block is compressed. */
export interface DeflateBlockOptions {
  /** -1 (zlib's default) to 9. */
  readonly level: number;
  /** What came before the block, for matches that reach back (at most the last 32 KiB are used). */
  readonly dictionary?: Buffer | undefined;
  /** "flush" ends on a byte boundary so that more can follow, "finish" ends the deflate stream. */
  readonly end: "flush" | "finish";
}

/** Compresses one block in libuv's thread pool. The bytes depend on nothing but the arguments and Node's zlib. */
export function deflateBlock(block: Buffer, options: DeflateBlockOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settings = {
      level: options.level,
      finishFlush: options.end === "flush" ? constants.Z_SYNC_FLUSH : constants.Z_FINISH,
      // One pass through the pool per block where it compresses well, two where it does not.
      chunkSize: Math.max(1024, block.length / 2),
      ...(options.dictionary === undefined ? {} : { dictionary: options.dictionary }),
    };
    deflateRaw(block, settings, (error, compressed) => (error === null ? resolve(compressed) : reject(error)));
  });
}

/** How many blocks to have under way: two per core, so that no core waits for the main thread. */
export function blocksAtOnce(): number {
  return 2 * availableParallelism() + 1;
}
