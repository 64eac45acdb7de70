import { TspackError } from "@tspack/core";

/**
 * Keys and values in the order in which HCL's `for` goes through them: objects by sorted key, lists by position. Throws TPK1006 for
 * anything else.
 *
 * @example
 * const pairs = entries(tags).map(([key, value]) => `${key}=${value}`);
 */
export function entries<V extends { readonly [key: string]: unknown }>(values: V): [key: string, value: V[keyof V]][];
export function entries<T>(values: readonly T[]): [key: number, value: T][];
export function entries(values: unknown): [key: string | number, value: unknown][] {
  if (Array.isArray(values)) return values.map((value: unknown, index) => [index, value]);
  if (typeof values !== "object" || values === null) {
    throw new TspackError(`entries() takes a list or an object, not ${values === null ? "null" : `a ${typeof values}`}`, {
      code: "TPK1006",
    });
  }
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}
