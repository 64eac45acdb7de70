// What `tspack plugin inspect` found, as lines for people.
import type { ConfigSpec, OptionSpec, PluginInspection, SpecType } from "@tspack/core";

/** The plugin, and each component with its options. Problems are not among them. */
export function inspectionOfPlugin({ file, name, description, components }: PluginInspection): readonly string[] {
  const lines = [description === undefined ? name : `${name} ${description.version}`, `  ${file}`];
  if (description !== undefined) {
    const { apiVersion, sdkVersion, protocolVersion } = description;
    const form = protocolVersion === "v2" ? "protocol buffers" : "gob";
    lines.push(`  protocol ${apiVersion}, SDK ${sdkVersion || "unknown"}, options told as ${form}`);
  }
  for (const component of components) {
    const { kind, type, network, options, output } = component;
    const where = network === undefined ? "did not come up" : network === "unix" ? "listened at a socket" : "listened at a port";
    lines.push("", `${kind === "datasource" ? "data source" : kind} ${type} (${where})`);
    if (component.description !== undefined) lines.push(`  ${component.description}`);
    if (options !== undefined) lines.push(...(isEmpty(options) ? ["  takes no options"] : optionLines(options, "  ")));
    if (output !== undefined && !isEmpty(output)) lines.push("  answers", ...optionLines(output, "    "));
  }
  return lines;
}

// --- internal ---

function isEmpty({ options }: ConfigSpec): boolean {
  return Object.keys(options).length === 0;
}

function optionLines({ options }: ConfigSpec, indent: string): readonly string[] {
  const entries = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(...entries.map(([name]) => name.length));
  const heads = entries.map(([, option]) => `${typeText(option.type)}${option.required ? ", required" : ""}`);
  const headWidth = Math.min(28, Math.max(...heads.map((head) => head.length)));
  return entries.flatMap(([name, option], index) => {
    const about = aboutOption(option);
    const line =
      `${indent}${name.padEnd(width)}  ${about === "" ? heads[index] : (heads[index] ?? "").padEnd(headWidth)}  ${about}`.trimEnd();
    const inner = innerSpec(option.type);
    return inner === undefined ? [line] : [line, ...optionLines(inner, `${indent}  `)];
  });
}

function aboutOption({ description = "", choices, deprecated, default: otherwise }: OptionSpec): string {
  const parts = [
    deprecated === true ? "Deprecated." : "",
    description.split("\n", 1)[0] ?? "",
    choices === undefined ? "" : `One of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}.`,
    otherwise === undefined ? "" : `Default ${JSON.stringify(otherwise)}.`,
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function innerSpec(type: SpecType): ConfigSpec | undefined {
  switch (type.kind) {
    case "block":
    case "block-list":
      return type.spec;
    case "list":
    case "set":
    case "map":
      return innerSpec(type.element);
    case "object":
      return type.spec;
    default:
      return undefined;
  }
}

/** A type as HCL writes it. */
function typeText(type: SpecType): string {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return `${type.kind}(${typeText(type.element)})`;
    case "block":
      return "block";
    case "block-list":
      return "block, repeated";
    case "object":
      return "object";
    case "union":
      return type.variants.map((variant) => typeText(variant.type)).join(" or ");
    default:
      return type.kind;
  }
}
