import { findZstd } from "../node-capabilities.ts";
import { bgzf } from "./bgzf.ts";
import type { ByteStage } from "./byte-stage.ts";
import { DEFAULT_GZIP_LEVEL, gzip } from "./gzip.ts";
import { lz4 } from "./lz4.ts";
import { type FilterOptions, throughProgram } from "./through-program.ts";
import { throughTransform } from "./through-transform.ts";

export type CompressionFormat = "gz" | "bgzf" | "zst" | "xz" | "bz2" | "lz4";

export interface CompressorOptions extends FilterOptions {
  /** As the format counts: gz and bgzf 0–9, xz 0–9, bz2 1–9, zst 1–19; lz4 has one. The format's default unless given (gz: 4). */
  readonly level?: number | undefined;
}

/**
 * A stage that compresses: `pipeline(source, compressor("gz", { signal }), file)`. Memory is bounded. gz, bgzf and lz4 are
 * ours and give the same bytes on every machine with the same Node; zst uses Node's own where it has one, else the program
 * `zstd`; xz and bz2 always run the programs `xz` and `bzip2`, and throw TPK6008 naming the Debian package if those are missing.
 */
export function compressor(format: CompressionFormat, options: CompressorOptions): ByteStage {
  const { level, signal } = options;
  switch (format) {
    case "gz":
      return gzip({ level: level ?? DEFAULT_GZIP_LEVEL, signal });
    case "bgzf":
      return bgzf({ level: level ?? -1, signal });
    case "lz4":
      return lz4({ signal });
    case "zst":
      return zstd(options);
    case "xz":
      return throughProgram(
        { program: "xz", args: ["-T0", "-c", `-${level ?? 6}`], debianPackage: "xz-utils", purpose: "to write xz" },
        options,
      );
    case "bz2":
      return throughProgram(
        { program: "bzip2", args: ["-z", "-c", `-${level ?? 9}`], debianPackage: "bzip2", purpose: "to write bzip2" },
        options,
      );
  }
}

function zstd(options: CompressorOptions): ByteStage {
  const native = findZstd();
  if (native === undefined) {
    return throughProgram(
      {
        program: "zstd",
        args: ["-T0", "-q", "-c", `-${options.level ?? 3}`],
        debianPackage: "zstd",
        purpose: "to write zstd with this Node (22.15 has its own)",
      },
      options,
    );
  }
  return throughTransform(() => native.compress({ level: options.level }), options.signal);
}
