import { createGunzip } from "node:zlib";
import { findZstd } from "../node-capabilities.ts";
import type { ByteStage } from "./byte-stage.ts";
import type { CompressionFormat } from "./compressor.ts";
import { type FilterOptions, type FilterProgram, throughProgram } from "./through-program.ts";
import { throughTransform } from "./through-transform.ts";

/** First bytes of each format. */
const magics: readonly { readonly format: CompressionFormat; readonly bytes: Buffer }[] = [
  { format: "gz", bytes: Buffer.from([0x1f, 0x8b]) },
  { format: "zst", bytes: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) },
  { format: "xz", bytes: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) },
  { format: "bz2", bytes: Buffer.from("BZh") },
  { format: "lz4", bytes: Buffer.from([0x04, 0x22, 0x4d, 0x18]) },
];

/** The format that a file's first six (or more) bytes show; undefined for one that is not compressed. */
export function detectCompression(start: Uint8Array): CompressionFormat | undefined {
  return magics.find(({ bytes }) => start.length >= bytes.length && bytes.equals(start.subarray(0, bytes.length)))?.format;
}

/**
 * A stage that decompresses. gz and bgzf run in Node, zst too where Node has it; the others run `zstd`, `xz`, `bzip2` and
 * `lz4` and throw TPK6008 naming the Debian package if that is missing. Broken input is an error of the stage.
 */
export function decompressor(format: CompressionFormat, options: FilterOptions): ByteStage {
  const program = decompressingProgram(format);
  if (program !== undefined) return throughProgram(program, options);
  const zstd = format === "zst" ? findZstd() : undefined;
  return throughTransform(() => zstd?.decompress() ?? createGunzip(), options.signal);
}

/** The program that decompresses a format; undefined for one that Node reads itself. */
export function decompressingProgram(format: CompressionFormat): FilterProgram | undefined {
  switch (format) {
    case "gz":
    case "bgzf":
      return undefined;
    case "zst":
      return findZstd() === undefined ? unpacking("zstd", "zstd", "zstd") : undefined;
    case "xz":
      return unpacking("xz", "xz-utils", "xz");
    case "bz2":
      return unpacking("bzip2", "bzip2", "bzip2");
    case "lz4":
      return unpacking("lz4", "lz4", "LZ4");
  }
}

// --- internal ---

function unpacking(program: string, debianPackage: string, name: string): FilterProgram {
  return { program, args: ["-d", "-c"], debianPackage, purpose: `to read ${name}` };
}
