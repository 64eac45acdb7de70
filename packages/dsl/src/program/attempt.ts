import { TspackError } from "@tspack/core";

/**
 * The result of the first function that does not throw, as HCL's `try`. Throws what the last one throws. A Ref that is used as if it
 * were its value is a mistake in the program and always thrown.
 *
 * @example
 * const size = attempt(() => fn.parseint(diskSize, 10), () => 40);
 */
export function attempt<F extends readonly (() => unknown)[]>(...ways: F): ReturnType<F[number]> {
  let failure: unknown = new TypeError("attempt() needs a function");
  for (const way of ways) {
    try {
      // One of the functions gave it.
      return way() as ReturnType<F[number]>;
    } catch (error) {
      if (isMisuse(error)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/**
 * True if the function does not throw, as HCL's `can`.
 *
 * @example
 * const hasPort = succeeds(() => fn.parseint(port, 10));
 */
export function succeeds(way: () => unknown): boolean {
  try {
    way();
    return true;
  } catch (error) {
    if (isMisuse(error)) throw error;
    return false;
  }
}

// --- internal ---

function isMisuse(error: unknown): boolean {
  return TspackError.is(error) && error.code === "TPK1007";
}
