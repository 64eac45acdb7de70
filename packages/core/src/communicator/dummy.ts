import { finished } from "node:stream/promises";
import { CancelledError } from "../diagnostics/error.ts";
import type { Communicator } from "../sdk/communicator.ts";

/**
 * A communicator with no machine behind it that accepts everything and does nothing (row BLD-04): commands succeed without
 * output, uploads are read to their end and forgotten, downloads are empty.
 */
export function dummyCommunicator(): Communicator {
  const accept = async (signal: AbortSignal) => {
    if (signal.aborted) throw new CancelledError();
  };
  return {
    async execute({ stdin, signal }) {
      await accept(signal);
      stdin?.destroy();
      return { exitCode: 0 };
    },
    async upload({ content, signal }) {
      content.resume();
      try {
        await finished(content, { signal });
      } catch (error) {
        content.destroy();
        await accept(signal);
        throw error;
      }
    },
    uploadDirectory: ({ signal }) => accept(signal),
    async download({ content, signal }) {
      await accept(signal);
      content.end();
      await finished(content, { signal });
    },
    downloadDirectory: ({ signal }) => accept(signal),
  };
}
