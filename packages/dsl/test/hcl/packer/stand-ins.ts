import type { Type } from "../../../src/hcl/eval/type.ts";
import type { Analysis } from "../../../src/hcl/packer/analysis.ts";

/** Values for the variables of a template that have none, made from their types. */
export function standIns({ variables }: Analysis): { readonly [name: string]: unknown } {
  const missing = [...variables.values()].filter(({ block, given }) => block.default === undefined && given === undefined);
  return Object.fromEntries(missing.map(({ name, type }) => [name, standIn(name, type)]));
}

function standIn(name: string, type: Type): unknown {
  switch (type.kind) {
    case "number":
      return 1;
    case "bool":
      return true;
    case "list":
    case "set":
      return [standIn(name, type.element)];
    case "map":
      return { key: standIn(name, type.element) };
    case "tuple":
      return type.elements.map((element) => standIn(name, element));
    case "object":
      return Object.fromEntries([...type.attributes].map(([attribute, inner]) => [attribute, standIn(attribute, inner)]));
    default:
      return name;
  }
}
