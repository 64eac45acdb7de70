import type { ConfigSpec, OptionSpec, SpecType } from "@tspack/core";

/** By name, in blocks as well: Go's maps have no order, so that a plugin tells its options in another one each time. */
export function sortSpec({ options }: ConfigSpec): ConfigSpec {
  const names = Object.keys(options).sort();
  return {
    options: Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, sortedOption(options[name])]]))),
  };
}

// --- internal ---

function sortedOption(option: OptionSpec): OptionSpec {
  return { ...option, type: sortedType(option.type) };
}

function sortedType(type: SpecType): SpecType {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return { ...type, element: sortedType(type.element) };
    case "object": {
      const names = Object.keys(type.attributes).sort();
      const attributes = names.map((name) => [name, sortedType(type.attributes[name] ?? { kind: "any" })] as const);
      return { ...type, attributes: Object.fromEntries(attributes) };
    }
    case "block":
    case "block-list":
      return { ...type, spec: sortSpec(type.spec) };
    default:
      return type;
  }
}
