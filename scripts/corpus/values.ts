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

/** Texts that validations ask for: those written in the variable's block, and a few that many want. */
const usualTexts = ["https://example.org:8006/api2/json", "192.0.2.1", "22", "1.2.3", "example.org", "/tmp", "aa:bb:cc:dd:ee:ff"];

/** Values to try, one after the other, for a variable whose made-up value its validation refuses. */
export function otherValues(configuration: Configuration, name: string): readonly string[] {
  const block = configuration.variables.find((variable) => variable.name === name);
  if (block === undefined) return [];
  const text = block.node.source.text.slice(block.node.start, block.node.end);
  const written = [...text.matchAll(/"([^"\\$\n]{1,80})"/g)].map(([, literal = ""]) => literal);
  return [...new Set([...written, ...usualTexts])];
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
