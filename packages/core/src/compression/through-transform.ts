import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ByteStage } from "./byte-stage.ts";

/** A stage around a transform stream, made when the stage starts and destroyed when it ends, early or not. */
export function throughTransform(make: () => Transform, signal: AbortSignal): ByteStage {
  return async function* (source) {
    const transform = make();
    const fed = pipeline(source, transform, { signal, end: true });
    // Its failure also destroys the transform, so the loop below throws it.
    fed.catch(() => undefined);
    try {
      for await (const chunk of transform) yield chunk;
    } finally {
      transform.destroy();
    }
  };
}
