// The digest of a plugin's file, and the file beside it that says what it has to be (row PLG-03).
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

/** What follows the name of a plugin's file in the name of its checksum file. */
export const CHECKSUM_SUFFIX = "_SHA256SUM";

/** SHA-256 of a file, in hexadecimal digits. */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}

/** Why a file with this digest must not be run; undefined when its checksum file vouches for it. */
export async function checksumProblem(file: string, digest: string): Promise<string | undefined> {
  let expected: string;
  try {
    expected = (await readFile(`${file}${CHECKSUM_SUFFIX}`, "utf8")).trim();
  } catch {
    return `there is no ${CHECKSUM_SUFFIX} file beside it`;
  }
  if (!/^[0-9a-fA-F]{64}$/.test(expected)) return `its ${CHECKSUM_SUFFIX} file does not hold a SHA-256`;
  if (expected.toLowerCase() !== digest) return `it is not the file that its ${CHECKSUM_SUFFIX} file was written for; install it again`;
  return undefined;
}
