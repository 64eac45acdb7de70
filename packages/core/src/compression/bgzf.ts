// BGZF, gzip in small members that can be sought (SAM/BAM specification §4.1): every member holds at most 64 KiB, tells its
// own length in a "BC" extra field, and an empty member marks the end.
import { crc32 } from "node:zlib";
import { type ByteStage, blocksOf, mapOrdered } from "./byte-stage.ts";
import { blocksAtOnce, deflateBlock } from "./deflate-block.ts";

/** As htslib cuts: leaves room for the frame even when nothing can be compressed. */
const BLOCK_BYTES = 0xff00;
const FRAME_LENGTH = 18 + 8;
const LARGEST_MEMBER = 0x10000;

/** Compresses to BGZF with `level` -1 (default) to 9, on all cores; same input and level, same bytes. */
export function bgzf({ level, signal }: { readonly level: number; readonly signal: AbortSignal }): ByteStage {
  return async function* (source) {
    yield* mapOrdered(blocksOf(source, BLOCK_BYTES, signal), blocksAtOnce(), (block) => member(block, level));
    yield await member(Buffer.alloc(0), level);
  };
}

async function member(block: Buffer, level: number): Promise<Buffer> {
  const tried = block.length === 0 ? Buffer.from([0x03, 0x00]) : await deflateBlock(block, { level, end: "finish" });
  const deflated = tried.length + FRAME_LENGTH <= LARGEST_MEMBER ? tried : await deflateBlock(block, { level: 0, end: "finish" });
  const framed = Buffer.alloc(deflated.length + FRAME_LENGTH);
  framed.set([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 0x42, 0x43, 2, 0], 0);
  framed.writeUInt16LE(framed.length - 1, 16);
  deflated.copy(framed, 18);
  framed.writeUInt32LE(crc32(block), 18 + deflated.length);
  framed.writeUInt32LE(block.length, 22 + deflated.length);
  return framed;
}
