// Values for variables without a default, made from their types.

import { env } from "../../packages/dsl/src/functions/env.ts";
import { functionEnvironment } from "../../packages/dsl/src/functions/environment.ts";
import type { Type } from "../../packages/dsl/src/hcl/eval/type.ts";
import type { Configuration } from "../../packages/dsl/src/hcl/packer/declarations.ts";
import { resolveVariable } from "../../packages/dsl/src/hcl/packer/variables.ts";

/** A value for each variable that has none, as an embedding program hands it over. */
export function madeValues(configuration: Configuration, workingDirectory: string): { [name: string]: unknown } {
  const environment = functionEnvironment({ environment: {}, templateDirectory: configuration.root, workingDirectory });
  const values: { [name: string]: unknown } = {};
  for (const block of configuration.variables) {
    if (block.default !== undefined) continue;
    const { state } = resolveVariable(block, undefined, { functions: new Map([["env", env]]), environment });
    values[block.name] = made(state.type);
  }
  return values;
}

function made(type: Type): unknown {
  switch (type.kind) {
    case "number":
      return 2;
    case "bool":
      return true;
    case "list":
    case "set":
      return [made(type.element)];
    case "map":
      return { key: made(type.element) };
    case "tuple":
      return type.elements.map(made);
    case "object":
      return Object.fromEntries([...type.attributes].map(([name, attribute]) => [name, made(attribute)]));
    default:
      return "value";
  }
}
