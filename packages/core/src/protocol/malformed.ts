import { PluginError } from "../diagnostics/error.ts";

/** Deepest nesting of data from a peer that is read or written. Deeper data is refused before it could exhaust our stack. */
export const MAX_DEPTH = 100;

/**
 * What is thrown for bytes from a peer that do not follow their format (TPK4002). `what` names the format and the place in a few
 * words; it never holds data of the peer, which may be secret or hostile.
 */
export function malformed(what: string, cause?: unknown): PluginError {
  return new PluginError(what, { code: "TPK4002", cause });
}

/** Throws when data nests deeper than the limit. */
export function checkDepth(depth: number, format: string, limit: number = MAX_DEPTH): void {
  if (depth > limit) throw malformed(`${format}: nested deeper than ${limit} levels`);
}
