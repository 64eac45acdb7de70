import type { IncomingMessage } from "node:http";

/** What came of a response. */
export interface BoundedBody {
  /** No more than the limit, but for the chunk in which it was passed. */
  readonly bytes: Buffer;
  /** There was more, which is left unread: the connection is closed. */
  readonly isTooLarge: boolean;
}

/** Reads a response that should not be large. Rejects with what ended it early. */
export async function readBoundedBody(message: IncomingMessage, largestBytes: number): Promise<BoundedBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    chunks.push(chunk);
    // To leave the loop destroys the response.
    if (size > largestBytes) break;
  }
  return { bytes: Buffer.concat(chunks), isTooLarge: size > largestBytes };
}
