// The Ref at run time: a Proxy around a `Deferred`. Wherever JavaScript lets us notice that it is used as if it were the value,
// it throws and says what to write instead. Comparisons and conditions cannot be noticed.
import { inspect } from "node:util";
import { type Deferred, type Dependency, deferredKey, deferredOf, type PathSegment, type Scope, TspackError } from "@tspack/core";
import { currentLoad, loadStorage } from "./context.ts";
import { providerOf, withProvider } from "./declaration.ts";
import { isPlainObject } from "./plain-object.ts";
import type { RefBase } from "./ref-types.ts";

/** True for every Ref: answers of data sources, values of builds and artifacts, secrets, and what was made of them. */
export function isRef(value: unknown): value is RefBase<unknown> {
  return deferredOf(value) !== undefined;
}

/**
 * A Ref to what a dependency will give. Its fields are dependencies of their own, so that the graph sees what is read.
 * The caller says what type it stands for.
 */
export function dependencyRef<R>(label: string, dependency: Dependency): R {
  return refAround<R>(dependencyNode(label, dependency));
}

/** A Ref to what a `Deferred` computes. `reveal`, where given, hands the value out (secrets). */
export function computedRef<R>(deferred: Deferred, reveal?: () => unknown): R {
  return refAround<R>(computedNode(deferred), reveal);
}

/** The value with every Ref in it, at any depth, replaced by its value in this scope. */
export function settle(value: unknown, scope: Scope): unknown {
  const deferred = deferredOf(value);
  if (deferred !== undefined) return settle(deferred.evaluate(scope), scope);
  if (Array.isArray(value)) return value.map((item) => settle(item, scope));
  if (isPlainObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, settle(item, scope)]));
  }
  return value;
}

// --- internal ---

/** A `Deferred`, and how to get at the fields of what it stands for. */
interface Node {
  readonly deferred: Deferred;
  child(key: PathSegment): Node;
}

function dependencyNode(label: string, dependency: Dependency): Node {
  return {
    deferred: { label, waitsFor: [dependency], sensitive: false, evaluate: (scope) => scope.value(dependency) },
    child(key) {
      const narrower: Dependency = { ...dependency, path: [...dependency.path, key] };
      const provider = providerOf(dependency);
      return dependencyNode(childLabel(label, key), provider === undefined ? narrower : withProvider(narrower, provider));
    },
  };
}

function computedNode(deferred: Deferred): Node {
  return {
    deferred,
    child: (key) => computedNode(derived(deferred, childLabel(deferred.label, key), (value) => fieldOf(value, key, deferred.label))),
  };
}

/** A `Deferred` computed from another. What comes of a secret is a secret. */
function derived(parent: Deferred, label: string, compute: (value: unknown) => unknown): Deferred {
  return {
    label,
    waitsFor: parent.waitsFor,
    sensitive: parent.sensitive,
    evaluate(scope) {
      const value = settle(compute(settle(parent.evaluate(scope), scope)), scope);
      if (parent.sensitive) scope.secret?.(value);
      return value;
    },
  };
}

function fieldOf(value: unknown, key: PathSegment, label: string): unknown {
  if (value === null || value === undefined) {
    throw new TspackError(`${label} has no value, so there is no ${childLabel(label, key)}`, { code: "TPK3203" });
  }
  return (Object(value) as { readonly [field: PathSegment]: unknown })[key];
}

function childLabel(label: string, key: PathSegment): string {
  if (typeof key === "number") return `${label}[${key}]`;
  return /^[\w$-]+$/.test(key) ? `${label}.${key}` : `${label}[${JSON.stringify(key)}]`;
}

/** Names that look like a call on the value itself: `id.toUpperCase()`. A field may have such a name too. */
const methodNames: ReadonlySet<string> = new Set(
  [String.prototype, Array.prototype, Number.prototype].flatMap((prototype) => Object.getOwnPropertyNames(prototype)),
);

function refAround<R>(node: Node, reveal?: () => unknown, calledAs?: { readonly owner: Deferred; readonly method: string }): R {
  const { deferred } = node;
  const children = new Map<string, unknown>();
  const field = (key: PathSegment): unknown => {
    const name = String(key);
    let child = children.get(name);
    if (child === undefined) {
      const owner = methodNames.has(name) && name !== "length" ? { owner: deferred, method: name } : undefined;
      child = refAround(node.child(key), undefined, owner);
      children.set(name, child);
    }
    return child;
  };
  const map = (compute: (value: unknown) => unknown): unknown =>
    refAround(computedNode(derived(deferred, `${deferred.label}.map(...)`, insideLoad(compute))));
  // `util.inspect` looks at a Proxy's target, never at its traps.
  const target: object = calledAs === undefined ? {} : () => undefined;
  Object.setPrototypeOf(target, null);
  Object.defineProperty(target, inspect.custom, { value: () => deferred.label, configurable: true });

  const misused = (use: string): never => {
    throw misuse(deferred, use);
  };
  return new Proxy(target, {
    get(_target, key) {
      if (key === deferredKey) return deferred;
      if (typeof key === "symbol") return guardedSymbol(key, misused);
      switch (key) {
        case "map":
          return map;
        case "get":
          return field;
        case "reveal":
          return reveal ?? field(key);
        case "toString":
        case "toLocaleString":
          return () => misused("text");
        case "toJSON":
          return () => misused("JSON");
        case "valueOf":
          return () => misused("a value");
        // `await ref` must not take it for a promise; and code that asks for a class finds none.
        case "then":
        case "constructor":
        case "__proto__":
        case "~ref":
          return undefined;
        default:
          return field(/^(0|[1-9]\d{0,8})$/.test(key) ? Number(key) : key);
      }
    },
    has: (_target, key) => key === deferredKey || key === "~ref",
    ownKeys: () => misused("an object"),
    set: () => misused("an object"),
    defineProperty: () => misused("an object"),
    deleteProperty: () => misused("an object"),
    getOwnPropertyDescriptor: () => undefined,
    apply() {
      // Only the Refs of method-like names have a target that can be called.
      throw calledAs === undefined ? misuse(deferred, "a function") : misuse(calledAs.owner, "a value", calledAs.method);
    },
  }) as R;
}

/** The function, called with the load around it that is around it now: `path.root` and `fn` mean the same when it runs later. */
function insideLoad(compute: (value: unknown) => unknown): (value: unknown) => unknown {
  const load = currentLoad();
  return load === undefined ? compute : (value) => loadStorage.run(load, compute, value);
}

function guardedSymbol(key: symbol, misused: (use: string) => never): unknown {
  switch (key) {
    case Symbol.toPrimitive:
      return (hint: string) => misused(hint === "number" ? "a number" : "text");
    case Symbol.iterator:
    case Symbol.asyncIterator:
      return () => misused("a list");
    default:
      return undefined;
  }
}

/** The error for a Ref used as if it were its value. Names the value and the way out; never the value itself. */
function misuse(deferred: Deferred, use: string, method?: string): TspackError {
  const what = deferred.sensitive ? `${deferred.label} is sensitive` : `${deferred.label} is not known yet`;
  const used = method === undefined ? `was used as ${use}` : `its ${method}() was called`;
  const compute = method === undefined ? "value.map((v) => ...)" : `value.map((v) => v.${method}(...))`;
  const ways =
    use === "text" && method === undefined
      ? [`compose text with t\`...\${value}...\``, `compute with ${compute}`]
      : [`compute with ${compute}`];
  return new TspackError(`${what} and ${used}: ${ways.join(", or ")}`, { code: "TPK1007" });
}
