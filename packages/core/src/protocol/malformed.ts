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

/** Values of one piece of data that are read, at most. A few bytes of hostile data could otherwise ask for a hundred times the memory. */
const MAX_VALUES = 1_000_000;

/** Counts the values of one piece of data, and throws when there are more than are ever meant. */
export class ValueCount {
  readonly #format: string;
  #left = MAX_VALUES;

  constructor(format: string) {
    this.#format = format;
  }

  /** Counts values; `weight` says how many ordinary ones a large one stands for. */
  add(weight = 1): void {
    this.#left -= weight;
    if (this.#left < 0) throw malformed(`${this.#format}: more values than can be meant`);
  }
}
