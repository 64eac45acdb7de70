// What Go tells about a file that is uploaded (plugin-protocol section 7.9): {N: name, S: size, M: mode, T: time}.
import { posix } from "node:path";
import type { Upload } from "../../sdk/communicator.ts";
import { readFields, readInteger, readText } from "./wire.ts";

/** Permission and special bits of Go's file mode, and the same of Unix. */
const specialBits = [
  { go: 1 << 23, unix: 0o4000 },
  { go: 1 << 22, unix: 0o2000 },
  { go: 1 << 20, unix: 0o1000 },
] as const;
const PERMISSIONS = 0o777;
const DEFAULT_MODE = 0o644;

/** The information about an upload whose size is known; else nil, as for an upload of which nothing is known. */
export function encodeFileInfo({ path, name, sizeBytes, mode = DEFAULT_MODE }: Upload): unknown {
  if (sizeBytes === undefined) return undefined;
  let goMode = mode & PERMISSIONS;
  for (const { go, unix } of specialBits) if ((mode & unix) !== 0) goMode |= go;
  return { N: name ?? posix.basename(path), S: sizeBytes, M: goMode, T: undefined };
}

/** Name, size and permissions as an upload takes them; nothing where nothing was told. */
export function decodeFileInfo(value: unknown): Pick<Upload, "name" | "sizeBytes" | "mode"> {
  if (value === undefined || value === null) return {};
  const fields = readFields(value, "FileInfo");
  const goMode = readInteger(fields.M, "the mode of a file");
  let mode = goMode & PERMISSIONS;
  for (const { go, unix } of specialBits) if ((goMode & go) !== 0) mode |= unix;
  return { name: readText(fields.N, "the name of a file") || undefined, sizeBytes: readInteger(fields.S, "the size of a file"), mode };
}
