import { constants } from "node:fs";
import { open } from "node:fs/promises";

/**
 * The content of a file; undefined when that is larger than `largestBytes`, of which no more is read. Rejects as `open` and `read` do, and
 * for what is no file: a pipe or a device has no end that one could wait for.
 */
export async function readBoundedFile(path: string, largestBytes: number): Promise<Buffer | undefined> {
  // A pipe that nobody writes to would keep opening it from ending.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await file.stat();
    if (found.isDirectory()) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
    if (!found.isFile()) throw new Error("it is no file");
    if (found.size > largestBytes) return undefined;
    const content = Buffer.alloc(found.size);
    for (let length = 0; length < content.length; ) {
      const { bytesRead } = await file.read(content, length, content.length - length, length);
      if (bytesRead === 0) return content.subarray(0, length);
      length += bytesRead;
    }
    return content;
  } finally {
    await file.close();
  }
}
