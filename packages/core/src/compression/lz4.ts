// LZ4 frames (LZ4 frame format description 1.6.4): independent blocks of 256 KiB, checksum of the whole content at the end.
import { type ByteStage, blocksOf } from "./byte-stage.ts";
import { Lz4BlockEncoder } from "./lz4-block.ts";
import { XxHash32 } from "./xxhash32.ts";

const BLOCK_BYTES = 256 * 1024;
/** Version 1, independent blocks, content checksum; blocks of at most 256 KiB. */
const DESCRIPTOR = Buffer.from([0b0110_0100, 0b0101_0000]);
const STORED = 0x80000000;

/** Compresses to LZ4. There is one level: the fast one. Same input, same bytes. */
export function lz4({ signal }: { readonly signal: AbortSignal }): ByteStage {
  return async function* (source) {
    const encoder = new Lz4BlockEncoder();
    const checksum = new XxHash32();
    yield Buffer.concat([number32(0x184d2204), DESCRIPTOR, Buffer.from([(new XxHash32().update(DESCRIPTOR).digest() >>> 8) & 0xff])]);
    for await (const block of blocksOf(source, BLOCK_BYTES, signal)) {
      checksum.update(block);
      const encoded = encoder.encode(block);
      yield encoded === undefined
        ? Buffer.concat([number32((block.length | STORED) >>> 0), block])
        : Buffer.concat([number32(encoded.length), encoded]);
    }
    yield Buffer.concat([number32(0), number32(checksum.digest())]);
  };
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
