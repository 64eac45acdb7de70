// From a configuration with Deferreds to plain values. `undefined` and null options are dropped on the way, as in Packer.
import type { PathSegment } from "../diagnostics/range.ts";
import { placeholderFor } from "../sdk/config/decode.ts";
import type { ConfigSpec, SpecType } from "../sdk/config/spec.ts";
import { type Deferred, type Dependency, deferredOf, dependencyName, type Scope, UnknownValue } from "./deferred.ts";
import type { Config } from "./program.ts";

/** What is left of a configuration when not everything is known yet. */
export interface PartlyResolved {
  readonly config: Config;
  /** Paths that hold placeholders. */
  readonly unknown: readonly (readonly PathSegment[])[];
}

/** Replaces every Deferred by its value. Throws `UnknownValue` when one is not known in the scope, or what a user's function throws. */
export function resolveConfig(config: Config, scope: Scope): Config {
  return walkRecord(config, undefined, [], (deferred) => evaluate(deferred, scope));
}

/** The same, with a placeholder of the option's type (row EVA-14) for what the scope does not know. */
export function resolvePartially(config: Config, scope: Scope, spec: ConfigSpec | undefined): PartlyResolved {
  const unknown: (readonly PathSegment[])[] = [];
  const resolved = walkRecord(config, spec, [], (deferred, type, path) => {
    try {
      return evaluate(deferred, scope);
    } catch (error) {
      if (!(error instanceof UnknownValue)) throw error;
      unknown.push(path);
      return placeholderFor(type);
    }
  });
  return { config: resolved, unknown };
}

/** A dependency and the option that has it. */
export interface Reference {
  readonly dependency: Dependency;
  readonly path: readonly PathSegment[];
}

/** Everything a configuration waits for, with the places, in the order met. */
export function referencesIn(config: Config): readonly Reference[] {
  const found: Reference[] = [];
  walkRecord(config, undefined, [], (deferred, _type, path) => {
    for (const dependency of deferred.waitsFor) found.push({ dependency, path });
    return undefined;
  });
  return found;
}

/** Everything that configurations wait for, each once, in the order met. */
export function dependenciesOf(...configs: readonly Config[]): readonly Dependency[] {
  const references = configs.flatMap(referencesIn);
  return [...new Map(references.map(({ dependency }) => [dependencyName(dependency), dependency])).values()];
}

/** True if any value in the configuration waits for something. */
export function waitsForAnything(config: Config): boolean {
  return referencesIn(config).length > 0;
}

/** Calls `visit` with every text inside a value. */
export function eachText(value: unknown, visit: (text: string) => void): void {
  if (typeof value === "string") visit(value);
  else if (Array.isArray(value)) for (const item of value) eachText(item, visit);
  else if (typeof value === "object" && value !== null) for (const item of Object.values(value)) eachText(item, visit);
}

// --- internal ---

type Replace = (deferred: Deferred, type: SpecType | undefined, path: readonly PathSegment[]) => unknown;

/** Deeper than any configuration means a value that contains itself. */
const DEPTH_LIMIT = 200;

function evaluate(deferred: Deferred, scope: Scope): unknown {
  const value = walk(deferred.evaluate(scope), undefined, [], (inner) => evaluate(inner, scope));
  if (deferred.sensitive) scope.secret?.(value);
  return value;
}

function walk(value: unknown, type: SpecType | undefined, path: readonly PathSegment[], replace: Replace): unknown {
  const deferred = deferredOf(value);
  if (deferred !== undefined) return replace(deferred, type, path);
  if (path.length > DEPTH_LIMIT) throw new RangeError(`a value nests deeper than ${DEPTH_LIMIT} levels; does it contain itself?`);
  // Not `map`: a list of another realm would give another one of its kind.
  if (Array.isArray(value)) return Array.from(value, (item, index) => walk(item, elementOf(type), [...path, index], replace));
  if (isPlainRecord(value)) return walkRecord(value, specOf(type) ?? elementOf(type), path, replace);
  return value;
}

function walkRecord(record: Config, types: ConfigSpec | SpecType | undefined, path: readonly PathSegment[], replace: Replace): Config {
  const result: { [name: string]: unknown } = {};
  for (const [name, item] of Object.entries(record)) {
    if (item === undefined || item === null) continue;
    const value = walk(item, typeOf(types, name), [...path, name], replace);
    if (value !== undefined && value !== null) result[name] = value;
  }
  return result;
}

function typeOf(types: ConfigSpec | SpecType | undefined, name: string): SpecType | undefined {
  if (types === undefined) return undefined;
  if ("options" in types) return Object.hasOwn(types.options, name) ? types.options[name]?.type : undefined;
  return types;
}

function specOf(type: SpecType | undefined): ConfigSpec | undefined {
  if (type?.kind === "block" || type?.kind === "block-list") return type.spec;
  if (type?.kind !== "object") return undefined;
  const options = Object.entries(type.attributes).map(([name, attribute]) => [name, { type: attribute, required: false }] as const);
  return { options: Object.fromEntries(options) };
}

function elementOf(type: SpecType | undefined): SpecType | undefined {
  switch (type?.kind) {
    case "list":
    case "set":
    case "map":
      return type.element;
    case "block":
    case "block-list":
      return { kind: "block", spec: type.spec };
    default:
      return undefined;
  }
}

function isPlainRecord(value: unknown): value is Config {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  // Objects of the user's program may come from another realm (vm), so `Object.prototype` alone does not do.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
