// Scopes and values for the tests of the language.
import type { FunctionEnvironment, HclFunction } from "../../../src/functions/function.ts";
import { emptyScope } from "../../../src/hcl/eval/empty-scope.ts";
import { numberText } from "../../../src/hcl/eval/number.ts";
import type { EvalScope } from "../../../src/hcl/eval/scope.ts";
import { sortedEntries, type Value } from "../../../src/hcl/eval/value.ts";

/** A scope with these names and functions. */
export function scopeOf(
  variables: { readonly [name: string]: Value },
  functions: readonly HclFunction[] = [],
  environment: FunctionEnvironment = emptyScope.environment,
): EvalScope {
  const byName = new Map(functions.map((one) => [one.name, one]));
  return {
    variable: (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined),
    variableNames: () => Object.keys(variables),
    function: (name) => byName.get(name),
    functionNames: () => byName.keys(),
    environment,
  };
}

/** The value as JSON text with sorted keys and all digits of its numbers; undefined if anything in it is unknown. */
export function jsonOf(value: Value): string | undefined {
  switch (value.kind) {
    case "string":
      return JSON.stringify(value.value);
    case "number":
      return numberText(value.value);
    case "bool":
      return String(value.value);
    case "null":
      return "null";
    case "sequence": {
      const items = value.elements.map(jsonOf);
      return items.includes(undefined) ? undefined : `[${items.join(",")}]`;
    }
    case "record": {
      const items = sortedEntries(value).map(([name, item]) => [JSON.stringify(name), jsonOf(item)] as const);
      return items.some(([, item]) => item === undefined) ? undefined : `{${items.map((item) => item.join(":")).join(",")}}`;
    }
    case "unknown":
      return undefined;
  }
}

/** `line:column-line:column` of a diagnostic's subject. */
export function placeOf(
  diagnostic: { readonly subject?: { readonly start: Position; readonly end: Position } | undefined } | undefined,
): string {
  const { subject } = diagnostic ?? {};
  return subject === undefined ? "nowhere" : `${subject.start.line}:${subject.start.column}-${subject.end.line}:${subject.end.column}`;
}

// --- internal ---

interface Position {
  readonly line: number;
  readonly column: number;
}
