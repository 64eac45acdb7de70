import type { PathSegment } from "../diagnostics/range.ts";

/** The property under which a Ref (of any copy of the library) answers its `Deferred`. */
export const deferredKey: unique symbol = Symbol.for("tspack.deferred") as never;

/**
 * What a value known later waits for.
 * - `build`: a value of the running build (`build.Host`); `path` starts with its name.
 * - `data`: the output of a data source; `path` goes into the output.
 * - `artifact`: the artifact of another build's source; `path` goes into the artifact handle (`files`, `id`, …).
 */
export type Dependency =
  | { readonly kind: "build"; readonly path: readonly PathSegment[] }
  | { readonly kind: "data"; readonly type: string; readonly name: string; readonly path: readonly PathSegment[] }
  | {
      readonly kind: "artifact";
      /** Full name of the parent build, `[build.name.]type.name`. */
      readonly build: string;
      readonly path: readonly PathSegment[];
    };

/** Where a `Deferred` gets the values it waits for. */
export interface Scope {
  /** The value of a dependency. Throws `UnknownValue` when it is not known in this scope. */
  value(dependency: Dependency): unknown;
  /** Told every value that comes out of a sensitive `Deferred`, so that it can be hidden. */
  secret?(value: unknown): void;
}

/** A value that is not known yet, or is known but must not be shown. Plain data behind every Ref. */
export interface Deferred<T = unknown> {
  /** How the user's program names it: `data.http.x.body`, `build.Host`, ``t`…` ``. */
  readonly label: string;
  readonly waitsFor: readonly Dependency[];
  /** True for secrets and all that is computed from them. */
  readonly sensitive: boolean;
  /** Computes the value; throws what the scope throws, or what the user's function throws. */
  evaluate(scope: Scope): T;
}

/** Thrown by a scope that does not know a value yet. */
export class UnknownValue extends Error {
  readonly dependency: Dependency;
  constructor(dependency: Dependency) {
    super(`${dependencyName(dependency)} is not known yet`);
    this.name = "UnknownValue";
    this.dependency = dependency;
  }
}

/** The `Deferred` behind a value, if it is one (or a Ref around one). */
export function deferredOf(value: unknown): Deferred | undefined {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return undefined;
  return (value as { [deferredKey]?: Deferred })[deferredKey];
}

/** The name under which users know a dependency: `build.Host`, `data.http.x.body`, `artifact.base.qemu.debian.id`. */
export function dependencyName(dependency: Dependency): string {
  const root =
    dependency.kind === "build"
      ? "build"
      : dependency.kind === "data"
        ? `data.${dependency.type}.${dependency.name}`
        : `artifact.${dependency.build}`;
  let text = root;
  for (const segment of dependency.path) text += typeof segment === "number" ? `[${segment}]` : `.${segment}`;
  return text;
}
