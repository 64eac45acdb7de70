import { type Deferred, deferredOf } from "@tspack/core";
import { isPlainObject } from "./plain-object.ts";
import { computedRef, settle } from "./ref.ts";
import type { RefBase, RefOf } from "./ref-types.ts";

/** What values become once they are known: every Ref in them, at any depth, is its value. */
export type Known<T> =
  T extends RefBase<infer V>
    ? V
    : T extends readonly unknown[] | { readonly [name: string]: unknown }
      ? { -readonly [K in keyof T]: Known<T[K]> }
      : T;

/**
 * One Ref over several values, any of which may be known only later. It waits for all that they wait for, and is sensitive if one
 * of them is. For what is computed from more than one value; text is simpler with `t`.
 *
 * @example
 * const url = all([mirror.body, release.body]).map(([base, name]) => new URL(name, base).href);
 * const tags = all({ host: build.Host, owner }).map(({ host, owner }) => `${owner}@${host}`);
 */
export function all<const T extends readonly unknown[] | { readonly [name: string]: unknown }>(values: T): RefOf<Known<T>> {
  const parts = deferredsIn(values);
  return computedRef({
    label: labelOf(values),
    waitsFor: [...new Set(parts.flatMap(({ waitsFor }) => waitsFor))],
    sensitive: parts.some(({ sensitive }) => sensitive),
    evaluate: (scope) => settle(values, scope),
  });
}

// --- internal ---

function deferredsIn(value: unknown): readonly Deferred[] {
  const deferred = deferredOf(value);
  if (deferred !== undefined) return [deferred];
  if (Array.isArray(value)) return value.flatMap(deferredsIn);
  return isPlainObject(value) ? Object.values(value).flatMap(deferredsIn) : [];
}

/** How messages name it: the Refs at its top by their own names. */
function labelOf(values: readonly unknown[] | { readonly [name: string]: unknown }): string {
  const name = (value: unknown): string => deferredOf(value)?.label ?? "...";
  const written = Array.isArray(values)
    ? `all([${values.map(name).join(", ")}])`
    : `all({ ${Object.entries(values)
        .map(([key, value]) => `${key}: ${name(value)}`)
        .join(", ")} })`;
  return written.length > 100 ? `${written.slice(0, 97)}...` : written;
}
