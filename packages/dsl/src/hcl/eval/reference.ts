import type { EvalScope } from "./scope.ts";
import type { Value } from "./value.ts";

/** The value of a plain reference, where the scope knows it by now; any other value as it is. */
export function resolveReference(value: Value, scope: EvalScope): Value {
  if (value.kind !== "unknown" || value.reference === undefined || scope.resolve === undefined) return value;
  const resolved = scope.resolve(value.reference);
  if (resolved === undefined) return value;
  return value.sensitive && !resolved.sensitive ? { ...resolved, sensitive: true } : resolved;
}
