import type { Duplex } from "node:stream";
import { PluginError } from "../../diagnostics/error.ts";

/**
 * Reads exactly so many bytes off the front of a stream; what follows stays in it. Rejects when the stream ends or fails first, and
 * with the signal's reason when aborted. Nobody else may read the stream meanwhile.
 */
export function readExactly(stream: Duplex, length: number, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      stream.off("readable", onReadable).off("end", onEnd).off("close", onEnd).off("error", onError);
      signal.removeEventListener("abort", onAbort);
      finish();
    };
    const onReadable = (): void => {
      const bytes: unknown = stream.read(length);
      if (!(bytes instanceof Buffer)) return;
      // Less comes only where the stream ends.
      if (bytes.length < length) onEnd();
      else settle(() => resolve(bytes));
    };
    const onEnd = (): void => settle(() => reject(new PluginError("the stream was closed before it began", { code: "TPK4003" })));
    const onError = (error: Error): void => settle(() => reject(error));
    const onAbort = (): void => settle(() => reject(signal.reason));
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    signal.addEventListener("abort", onAbort);
    stream.on("end", onEnd).on("close", onEnd).on("error", onError).on("readable", onReadable);
    onReadable();
  });
}
