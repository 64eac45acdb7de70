const units: { readonly [unit: string]: number } = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** Less than this mke2fs cannot give a journal. */
const SMALLEST_BYTES = 8 * 1024 ** 2;

/** A size as qemu-img and mke2fs write it (`512M`, `2GiB`), in bytes; undefined when it is none, or too small for a file system. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const bytes = Math.floor(Number(match[1]) * (units[(match[2] ?? "").toUpperCase()] ?? 1));
  // Whole blocks.
  return bytes < SMALLEST_BYTES ? undefined : Math.floor(bytes / 4096) * 4096;
}
