import { readFileSync, statSync } from "node:fs";

/** No template, variable file or text for one is larger: more is a mistake, such as a disk image. */
const LARGEST_FILE = 64 * 1024 * 1024;

/**
 * The bytes of a file. A pipe or device, which could be waited for or read for ever, and what is larger than `largest` (bytes, 64 MiB
 * unless given), is refused. Throws an error whose message is the end of a sentence, or Node's own error.
 */
export function readRegularFile(path: string, largest: number = LARGEST_FILE): Buffer {
  const stats = statSync(path);
  if (stats.isDirectory()) throw new Error("it is a folder");
  if (!stats.isFile()) throw new Error("it is a pipe or a device, not a file");
  if (stats.size > largest) throw new Error(`it is larger than ${largest / 1024 / 1024} MiB`);
  return readFileSync(path);
}
