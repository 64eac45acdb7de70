import type { Readable } from "node:stream";

/** The bytes of a stream, also of one that gives texts (`Readable.from(["text"])`). Destroys it when reading stops early. */
export async function* bytesOf(content: Readable): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of content) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
}
