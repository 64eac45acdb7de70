// From values to the values of the Program: plain data, with a `Deferred` where something is not known yet, or secret.
import { type Deferred, deferredKey, dependencyName, type PathSegment, type Scope, UnknownValue } from "@tspack/core";
import { toPlain } from "./plain.ts";
import { deepMarksOf, isWhollyKnown, type Value, withMarks } from "./value.ts";

/** Where a value came from, and how it is computed again. */
export interface ValueOrigin {
  /** The source text of the expression. */
  readonly label: string;
  /**
   * The value again, as far as it is known in this scope: values of `data.*` and `build.*` are asked from it. Throws what the scope
   * throws, or an error that says what is wrong with the expression.
   */
  evaluate(scope: Scope): Value;
}

/**
 * A value for the Program. Each part that is unknown becomes a `Deferred` of its own; what is sensitive becomes a sensitive one, as a
 * whole where the whole is marked. An unknown list or object is one `Deferred`: its parts are not known yet.
 */
export function toProgramValue(value: Value, origin: ValueOrigin): unknown {
  return programValue(value, { label: shortened(origin.label), path: [], evaluate: remembered(origin) });
}

// --- internal ---

interface Part {
  readonly label: string;
  readonly path: readonly PathSegment[];
  /** Computes the whole that the path leads into. */
  evaluate(scope: Scope): Value;
}

function programValue(value: Value, part: Part): unknown {
  if (value.kind === "unknown" || value.sensitive || value.waitsFor.length > 0) return placeholder(value, part);
  const inner = (item: Value, segment: PathSegment): unknown => programValue(item, { ...part, path: [...part.path, segment] });
  switch (value.kind) {
    case "sequence":
      return value.elements.map(inner);
    case "record":
      return Object.fromEntries([...value.entries].map(([name, item]) => [name, inner(item, name)]));
    default:
      return toPlain(value);
  }
}

function placeholder(value: Value, part: Part): unknown {
  const { sensitive, waitsFor } = deepMarksOf(value);
  const deferred: Deferred = {
    label: value.kind === "unknown" && value.reference !== undefined ? dependencyName(value.reference) : part.label + placeText(part.path),
    waitsFor,
    sensitive,
    evaluate(scope) {
      const known = partAt(part.evaluate(scope), part.path);
      const [missing] = known === undefined ? waitsFor : deepMarksOf(known).waitsFor;
      if (known === undefined || !isWhollyKnown(known)) throw unknownStill(part.label, missing ?? waitsFor[0]);
      const data = toPlain(known);
      if (sensitive) scope.secret?.(data);
      return data;
    },
  };
  return { [deferredKey]: deferred };
}

function unknownStill(label: string, missing: UnknownValue["dependency"] | undefined): Error {
  return missing === undefined ? new Error(`the value of ${label} cannot be worked out`) : new UnknownValue(missing);
}

/** The part of a value at a path; undefined where there is none, or nobody knows. */
function partAt(value: Value, path: readonly PathSegment[]): Value | undefined {
  let part: Value | undefined = value;
  for (const segment of path) {
    const inner: Value | undefined =
      part.kind === "sequence" ? part.elements[Number(segment)] : part.kind === "record" ? part.entries.get(String(segment)) : undefined;
    if (inner === undefined) return part.kind === "unknown" ? part : undefined;
    part = withMarks(inner, part);
  }
  return part;
}

/** Several parts of one value ask in turn: the whole is computed once per scope, as soon as all of it is known. */
function remembered({ evaluate }: ValueOrigin): (scope: Scope) => Value {
  const known = new WeakMap<Scope, Value>();
  return (scope) => {
    const before = known.get(scope);
    if (before !== undefined) return before;
    const value = evaluate(scope);
    if (isWhollyKnown(value)) known.set(scope, value);
    return value;
  };
}

function shortened(label: string): string {
  const line = label.trim().replace(/\s+/g, " ");
  return line.length > 100 ? `${line.slice(0, 97)}...` : line;
}

function placeText(path: readonly PathSegment[]): string {
  return path.map((segment) => (typeof segment === "number" ? `[${segment}]` : `[${JSON.stringify(segment)}]`)).join("");
}
