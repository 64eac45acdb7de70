import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** Digests that Packer knows (row PP-03). */
export const checksumTypes = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] as const;

export type ChecksumType = (typeof checksumTypes)[number];

export function isChecksumType(name: string): name is ChecksumType {
  return checksumTypes.some((type) => type === name);
}

const READ_BYTES = 1024 * 1024;

/**
 * Digests of one file in lower-case hex, in the order of `types`, in a single pass and with bounded memory. `onBytes` is told
 * of each piece read. Rejects with the file system's error, or with an AbortError.
 */
export async function digestFile(
  path: string,
  types: readonly ChecksumType[],
  options: { readonly signal: AbortSignal; readonly onBytes?: ((bytes: number) => void) | undefined },
): Promise<readonly string[]> {
  const hashes = types.map((type) => createHash(type));
  const content: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: READ_BYTES, signal: options.signal });
  for await (const chunk of content) {
    for (const hash of hashes) hash.update(chunk);
    options.onBytes?.(chunk.length);
  }
  return hashes.map((hash) => hash.digest("hex"));
}
