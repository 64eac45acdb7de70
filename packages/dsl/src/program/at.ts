import { TspackError } from "@tspack/core";
import { isRef } from "./ref.ts";
import type { RefBase, RefOf } from "./ref-types.ts";

/** The type of what `at` finds. */
export type At<T, K extends readonly (string | number)[]> = K extends readonly [
  infer First,
  ...infer Rest extends readonly (string | number)[],
]
  ? At<Element<T, First>, Rest>
  : T;

/**
 * The element of a list or object under a key, or under one key after the other. Unlike `value[key]` it is never `undefined` by
 * accident: throws TPK3203 when there is no such element, as HCL does.
 *
 * @example
 * const image = at(images, os, release);
 */
export function at<T, const K extends readonly (string | number)[]>(value: T, ...keys: K): At<T, K> {
  // Followed step by step; the type says the same.
  return keys.reduce<unknown>((from, key, index) => step(from, key, keys.slice(0, index)), value) as At<T, K>;
}

// --- internal ---

type Element<T, K> = T extends null | undefined
  ? never
  : T extends RefBase<infer V>
    ? RefOf<Element<V, K>>
    : T extends readonly (infer E)[]
      ? Exclude<E, null | undefined>
      : K extends keyof T
        ? Exclude<T[K], null | undefined>
        : unknown extends T
          ? unknown
          : string extends K
            ? Exclude<T[keyof T], null | undefined>
            : never;

function step(from: unknown, key: string | number, path: readonly (string | number)[]): unknown {
  if (isRef(from)) return (from as RefBase<{ readonly [key: string | number]: unknown }>).get(key);
  if (typeof from === "object" && from !== null && Object.hasOwn(from, key) && !(Array.isArray(from) && key === "length")) {
    return (from as { readonly [key: string | number]: unknown })[key];
  }
  const where = path.length === 0 ? "the value" : `the value at ${path.map((one) => JSON.stringify(one)).join(", ")}`;
  throw new TspackError(`${where} ${problemWith(from, key)}`, { code: "TPK3203" });
}

function problemWith(from: unknown, key: string | number): string {
  if (Array.isArray(from)) return `is a list of ${from.length}, so there is no element ${JSON.stringify(key)}`;
  if (typeof from !== "object" || from === null) return `is no list or object, so there is no element ${JSON.stringify(key)}`;
  return `has no element ${JSON.stringify(key)}; it has ${
    Object.keys(from)
      .slice(0, 20)
      .map((name) => JSON.stringify(name))
      .join(", ") || "none"
  }`;
}
