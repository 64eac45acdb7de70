import type { Dependency, PathSegment } from "@tspack/core";
import type { EvalScope } from "./scope.ts";
import type { Value } from "./value.ts";

/** The value of a plain reference, where the scope knows it by now; any other value as it is. */
export function resolveReference(value: Value, scope: EvalScope): Value {
  if (value.kind !== "unknown" || value.reference === undefined || scope.resolve === undefined) return value;
  const resolved = scope.resolve(value.reference);
  if (resolved === undefined) return value;
  return value.sensitive && !resolved.sensitive ? { ...resolved, sensitive: true } : resolved;
}

/** The reference to what is inside another one: always the same object for the same place, so that it is counted once. */
export function narrowerReference(reference: Dependency, segment: PathSegment): Dependency {
  let inside = narrowed.get(reference);
  if (inside === undefined) {
    inside = new Map();
    narrowed.set(reference, inside);
  }
  const known = inside.get(segment);
  if (known !== undefined) return known;
  const inner: Dependency = { ...reference, path: [...reference.path, segment] };
  inside.set(segment, inner);
  return inner;
}

// --- internal ---

const narrowed = new WeakMap<Dependency, Map<PathSegment, Dependency>>();
