import type { CompressionFormat } from "../../../compression/compressor.ts";

/** What an archive is made of: files put together, compressed, or both. */
export interface ArchiveFormat {
  readonly archive: "tar" | "zip" | undefined;
  readonly compression: CompressionFormat | undefined;
}

/** Extensions and what they stand for. Those after the first line are ours: Packer makes tar with gzip of them. */
const compressions: { readonly [extension: string]: CompressionFormat } = {
  ...{ gz: "gz", lz4: "lz4", bgzf: "bgzf", xz: "xz", bzip2: "bz2" },
  ...{ bz2: "bz2", zst: "zst", zstd: "zst" },
};

/**
 * The format that an archive's name says (row PP-09). `format` stands in place of the extension (row PP-07). A name that says
 * nothing means tar with gzip. Upper and lower case differ, as in Packer.
 */
export function archiveFormat(output: string, format: string): ArchiveFormat {
  const name = format === "" ? output : `x.${format.replace(/^\./, "")}`;
  const parts = name.split(".").reverse();
  const [last = "", before] = parts.length > 1 ? parts : [];
  if (last === "tar" || last === "zip") return { archive: last, compression: undefined };
  const compression = Object.hasOwn(compressions, last) ? compressions[last] : undefined;
  if (compression === undefined) return { archive: "tar", compression: "gz" };
  return { archive: before === "tar" ? "tar" : undefined, compression };
}

/** How a format is called in messages: `tar with gzip`. */
export function describeFormat({ archive, compression }: ArchiveFormat): string {
  const names = { gz: "gzip", bgzf: "bgzf", zst: "zstd", xz: "xz", bz2: "bzip2", lz4: "lz4" };
  if (compression === undefined) return archive ?? "nothing";
  return archive === undefined ? names[compression] : `${archive} with ${names[compression]}`;
}
