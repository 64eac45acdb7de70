// What can be known of a template without values for its variables: their types and defaults, and the static types of expressions.
import type { Diagnostic } from "@tspack/core";
import { env } from "../../functions/env.ts";
import { functionEnvironment } from "../../functions/environment.ts";
import { type HclFunction, Pending } from "../../functions/function.ts";
import { dynamicType, type Type } from "../../hcl/eval/type.ts";
import { isWhollyKnown, unknownValue } from "../../hcl/eval/value.ts";
import type { Configuration } from "../../hcl/packer/declarations.ts";
import { Template } from "../../hcl/packer/template.ts";
import { resolveVariable, type VariableState } from "../../hcl/packer/variables.ts";
import type { Expression } from "../../hcl/syntax/tree.ts";
import type { Knowledge } from "./references.ts";

/** What is known of a configuration. `diagnostics` are about the declarations of its variables. */
export interface ConfigurationKnowledge extends Knowledge {
  readonly variables: ReadonlyMap<string, VariableState>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Finds out what is known. Nothing outside the template is read, but the environment that is handed over. */
export function knowledgeOf(
  configuration: Configuration,
  given: {
    readonly workingDirectory: string;
    readonly environment: { readonly [name: string]: string | undefined };
    readonly functions: ReadonlyMap<string, HclFunction>;
  },
): ConfigurationKnowledge {
  const { workingDirectory } = given;
  const environment = functionEnvironment({ environment: given.environment, templateDirectory: configuration.root, workingDirectory });
  const diagnostics: Diagnostic[] = [];
  const variables = new Map<string, VariableState>();
  for (const block of configuration.variables) {
    const resolved = resolveVariable(block, undefined, { functions: new Map([["env", env]]), environment });
    // That it has no value is no fault of the declaration.
    diagnostics.push(...resolved.diagnostics.filter(({ code }) => code !== "TPK1101"));
    variables.set(block.name, resolved.state);
  }
  const typed = new Map([...variables].map(([name, state]) => [name, { ...state, value: unknownValue(state.type) }]));
  const language = { functions: given.functions, environment };
  const template = new Template(configuration, { variables: typed, language, workingDirectory, sequential: false });
  attempt(() => template.evaluateLocals());
  const place = template.at({ kind: "step", source: { type: "", name: "" }, build: "" });
  const known = new WeakMap<Expression, Type>();
  return {
    variables,
    diagnostics,
    typeOf(expression) {
      const before = known.get(expression);
      if (before !== undefined) return before;
      const type = attempt(() => template.evaluate(expression, place, undefined).value.type) ?? dynamicType;
      known.set(expression, type);
      return type;
    },
  };
}

/** True if a default is known now, whatever the environment. */
export function isConstant({ default: fallback }: VariableState): boolean {
  return fallback !== undefined && isWhollyKnown(fallback);
}

// --- internal ---

/** Services over the network are not asked for a type. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof Pending) return undefined;
    throw error;
  }
}
