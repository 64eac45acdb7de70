import { type Dependency, deferredOf, dependencyName, TspackError } from "@tspack/core";
import { currentLoad } from "./context.ts";
import { computedRef, settle } from "./ref.ts";
import type { Input, Secret } from "./ref-types.ts";

/**
 * Marks a value as one that must not be shown. It goes wherever an option is expected and into `t`; what is made of it with
 * `.map()` is secret too. For a value known only later, `.reveal()` throws TPK1007.
 *
 * @example
 * const key = secret(readFileSync("deploy.key", "utf8"));
 */
export function secret<T>(value: Input<T>): Secret<T> {
  return namedSecret(value, "secret value");
}

/** A secret under the name that messages and `inspect` show in its place. */
export function namedSecret<T>(value: Input<T>, label: string): Secret<T> {
  const inner = deferredOf(value);
  const load = currentLoad();
  if (inner === undefined && load !== undefined) registerSecrets(value, load.secrets);
  return computedRef(
    {
      label: inner === undefined ? label : inner.label,
      waitsFor: inner === undefined ? [] : inner.waitsFor,
      sensitive: true,
      evaluate(scope) {
        const known = settle(value, scope);
        scope.secret?.(known);
        return known;
      },
    },
    () => settle(value, { value: notYet }),
  );
}

/** Every text and number inside a value is hidden wherever it appears; true, false and empty text would hide too much. */
export function registerSecrets(value: unknown, secrets: Set<string>): void {
  if (typeof value === "string" && value !== "") secrets.add(value);
  else if (typeof value === "number" || typeof value === "bigint") secrets.add(String(value));
  else if (typeof value === "object" && value !== null && deferredOf(value) === undefined) {
    for (const item of Object.values(value)) registerSecrets(item, secrets);
  }
}

function notYet(dependency: Dependency): never {
  throw new TspackError(`${dependencyName(dependency)} is not known yet and cannot be revealed: compute with value.map((v) => ...)`, {
    code: "TPK1007",
  });
}
