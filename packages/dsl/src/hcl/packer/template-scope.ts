// The names that expressions of a template may use (rows REF-01 to REF-13), place by place.
import type { Dependency } from "@tspack/core";
import type { FunctionEnvironment, HclFunction } from "../../functions/function.ts";
import type { EvalScope } from "../eval/scope.ts";
import type { Value } from "../eval/value.ts";

/** What is known of the values that a template waits for: nothing while it is loaded, all of them in the end. */
export interface Known {
  resolve(reference: Dependency): Value | undefined;
}

/** Root names and their values. */
export type Roots = ReadonlyMap<string, Value>;

/** What all scopes of one template share. */
export interface Language {
  readonly functions: ReadonlyMap<string, HclFunction>;
  readonly environment: FunctionEnvironment;
  /** Functions that exist in another place only, with the reason. */
  readonly elsewhere?: ReadonlyMap<string, string> | undefined;
}

/**
 * A place in a template: gives the names there, for what is known. Expressions are evaluated again with the values of a run, and then
 * everything that was made of such values has to be made again.
 */
export interface Place {
  scope(known?: Known): EvalScope;
}

/** A place whose names are given by a function of what is known. */
export function place(language: Language, roots: (known: Known | undefined) => Roots): Place {
  let unknown: EvalScope | undefined;
  let last: { readonly known: Known; readonly scope: EvalScope } | undefined;
  return {
    scope(known) {
      if (known === undefined) {
        unknown ??= makeScope(language, roots(undefined), undefined);
        return unknown;
      }
      if (last?.known !== known) last = { known, scope: makeScope(language, roots(known), known) };
      return last.scope;
    },
  };
}

/** The place with some more names in it, which hide others of the same name: an iteration's variable. */
export function placeWith(outer: Place, names: (known: Known | undefined) => Roots): Place {
  const inner = (known: Known | undefined): EvalScope => {
    const parent = outer.scope(known);
    const roots = names(known);
    return {
      environment: parent.environment,
      variable: (name) => roots.get(name) ?? parent.variable(name),
      variableNames: () => [...roots.keys(), ...parent.variableNames()],
      function: (name) => parent.function(name),
      functionNames: () => parent.functionNames(),
      resolve: (reference) => parent.resolve?.(reference),
      explainMissing: (kind, name) => parent.explainMissing?.(kind, name),
    };
  };
  let unknown: EvalScope | undefined;
  return {
    scope(known) {
      if (known !== undefined) return inner(known);
      unknown ??= inner(undefined);
      return unknown;
    },
  };
}

// --- internal ---

function makeScope({ functions, environment, elsewhere }: Language, roots: Roots, known: Known | undefined): EvalScope {
  return {
    environment,
    variable: (name) => roots.get(name),
    variableNames: () => roots.keys(),
    function: (name) => functions.get(name),
    functionNames: () => functions.keys(),
    resolve: (reference) => known?.resolve(reference),
    explainMissing: (kind, name) => (kind === "function" ? elsewhere?.get(name) : missingRoots.get(name)),
  };
}

/** Names that exist in other places of a template, or in Terraform. */
const missingRoots: ReadonlyMap<string, string> = new Map([
  ["var", "Variables cannot be used here: their own declarations and variable files hold constants only."],
  ["local", "Locals cannot be used here."],
  ["data", "Data sources cannot be used here."],
  ["source", "source.name and source.type are known only in the options of sources, provisioners and post-processors."],
  ["build", "Values of the running build are known only in provisioners and post-processors."],
  ["each", 'There is no "each" in Packer: inside dynamic the iteration is named as its block type, or as iterator says.'],
  ["count", 'There is no "count" in Packer: use dynamic with for_each, or a for expression.'],
  ["self", 'There is no "self" in Packer.'],
  ["module", "There are no modules in Packer."],
  ["terraform", "That belongs to Terraform."],
]);
