// Images that come packed (go-getter's documentation, "Unarchiving"): Packer takes the one file out that is wanted.
import type { FilterProgram } from "../compression/through-program.ts";
import { BuildError } from "../diagnostics/error.ts";

/** How a downloaded file may be packed. */
export type ArchiveFormat = keyof typeof formats;

/** How the bytes are compressed, and whether what comes out is a tar archive. */
export interface Packing {
  readonly compression: "gz" | "bz2" | "xz" | "zst" | undefined;
  readonly container: "tar" | "zip" | undefined;
}

const formats = {
  bz2: { compression: "bz2", container: undefined },
  gz: { compression: "gz", container: undefined },
  xz: { compression: "xz", container: undefined },
  zst: { compression: "zst", container: undefined },
  tar: { compression: undefined, container: "tar" },
  "tar.bz2": { compression: "bz2", container: "tar" },
  tbz2: { compression: "bz2", container: "tar" },
  "tar.gz": { compression: "gz", container: "tar" },
  tgz: { compression: "gz", container: "tar" },
  "tar.xz": { compression: "xz", container: "tar" },
  txz: { compression: "xz", container: "tar" },
  "tar.zst": { compression: "zst", container: "tar" },
  tzst: { compression: "zst", container: "tar" },
  zip: { compression: undefined, container: "zip" },
} as const satisfies { readonly [name: string]: Packing };

/** What a format consists of. */
export function packingOf(format: ArchiveFormat): Packing {
  return formats[format];
}

/**
 * How a file is packed: as `wanted` (the parameter `archive`) says, else as the ending of its name does; undefined for one that is used as it is.
 * `false` (or `0`, `f`) leaves a packed file as it is. Throws `BuildError` (TPK7001) for a format that does not exist.
 */
export function archiveFormatOf(name: string, wanted: string | undefined): ArchiveFormat | undefined {
  if (wanted === undefined || wanted === "") {
    const endings = Object.keys(formats).filter((format) => name.endsWith(`.${format}`));
    const [longest] = endings.sort((one, other) => other.length - one.length);
    return longest !== undefined && isFormat(longest) ? longest : undefined;
  }
  if (/^(0|f|false)$/i.test(wanted)) return undefined;
  if (isFormat(wanted)) return wanted;
  throw new BuildError(`${JSON.stringify(wanted)} is no kind of archive`, {
    code: "TPK7001",
    hint: `archive is one of ${Object.keys(formats).join(", ")}, or false to use the file as it is.`,
  });
}

/** The program that unpacks a format, where one is needed. */
export async function unpackingProgram(format: ArchiveFormat): Promise<FilterProgram | undefined> {
  const { compression } = packingOf(format);
  if (compression === undefined) return undefined;
  const { decompressingProgram } = await import("../compression/decompressor.ts");
  return decompressingProgram(compression);
}

// --- internal ---

function isFormat(text: string): text is ArchiveFormat {
  return Object.hasOwn(formats, text);
}
