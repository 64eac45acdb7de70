// What can be said about options on the wire: attributes of simple types, nested blocks, lists of blocks.
import { ConfigError } from "../../diagnostics/error.ts";
import { formatPath, type PathSegment } from "../../diagnostics/range.ts";
import type { ConfigSpec, OptionSpec, SpecType } from "../../sdk/config/spec.ts";
import type { CtyType } from "../cty/type.ts";
import { malformed } from "../malformed.ts";

/** Types that both wire forms can state. */
export type WireType = { readonly kind: "string" | "number" | "bool" } | { readonly kind: "list" | "map"; readonly element: WireType };

/** A specification as it is sent, in the order of the options. The key is the name under which the value is sent. */
export type WireSpec = ReadonlyMap<string, WireOption>;

/** One entry of a specification; `name` is what the user writes. */
export type WireOption =
  | { readonly kind: "attribute"; readonly name: string; readonly type: CtyType; readonly required: boolean }
  | { readonly kind: "block"; readonly name: string; readonly nested: WireSpec; readonly required: boolean }
  | {
      readonly kind: "block-list";
      readonly name: string;
      readonly nested: WireSpec;
      readonly minItems?: number | undefined;
      readonly maxItems?: number | undefined;
    };

/** A specification of ours from what came over the wire. Throws a PluginError when two options have the same name. */
export function fromWireSpec(wire: WireSpec): ConfigSpec {
  const options = new Map<string, OptionSpec>();
  for (const [key, option] of wire) {
    const name = option.name === "" ? key : option.name;
    if (options.has(name)) throw malformed(`the specification has two options named ${JSON.stringify(name)}`);
    options.set(name, { type: typeFromWire(option), required: isRequired(option), ...(name === key ? {} : { sentAs: key }) });
  }
  return { options: Object.fromEntries(options) };
}

/**
 * What of a specification can be sent. Sets become lists, objects become blocks and lists of objects lists of blocks; one of several
 * simple types becomes a text, which the component converts. Throws a ConfigError (TPK1006) naming the option for the rest.
 */
export function toWireSpec(spec: ConfigSpec, path: readonly PathSegment[] = []): WireSpec {
  const wire = new Map<string, WireOption>();
  for (const [name, option] of Object.entries(spec.options)) {
    wire.set(option.sentAs ?? name, optionToWire(name, option, [...path, name]));
  }
  return wire;
}

// --- internal ---

function isRequired(option: WireOption): boolean {
  return option.kind === "block-list" ? (option.minItems ?? 0) > 0 : option.required;
}

function typeFromWire(option: WireOption): SpecType {
  switch (option.kind) {
    case "attribute":
      return specTypeFrom(option.type);
    case "block":
      return { kind: "block", spec: fromWireSpec(option.nested) };
    case "block-list": {
      const { minItems, maxItems } = option;
      return {
        kind: "block-list",
        spec: fromWireSpec(option.nested),
        ...(minItems === undefined ? {} : { minItems }),
        ...(maxItems === undefined ? {} : { maxItems }),
      };
    }
  }
}

/** A tuple has no counterpart among our types and stays as it is written, as a value of dynamic type does. */
function specTypeFrom(type: CtyType): SpecType {
  switch (type.kind) {
    case "string":
    case "number":
    case "bool":
      return { kind: type.kind };
    case "dynamic":
    case "tuple":
      return { kind: "any" };
    case "list":
    case "set":
    case "map":
      return { kind: type.kind, element: specTypeFrom(type.element) };
    case "object":
      return {
        kind: "object",
        attributes: Object.fromEntries([...type.attributes].map(([name, attribute]) => [name, specTypeFrom(attribute)])),
      };
  }
}

function optionToWire(name: string, { type, required }: OptionSpec, path: readonly PathSegment[]): WireOption {
  const nested = blockContent(type);
  if (nested !== undefined) return { kind: "block", name, nested: toWireSpec(nested, path), required };
  if (type.kind === "block-list") {
    const { minItems = required ? 1 : undefined, maxItems } = type;
    return { kind: "block-list", name, nested: toWireSpec(type.spec, path), minItems, maxItems };
  }
  if (type.kind === "list" || type.kind === "set") {
    const repeated = blockContent(type.element);
    if (repeated !== undefined) {
      return { kind: "block-list", name, nested: toWireSpec(repeated, path), ...(required ? { minItems: 1 } : {}) };
    }
  }
  return { kind: "attribute", name, type: attributeType(type, path), required };
}

function blockContent(type: SpecType): ConfigSpec | undefined {
  if (type.kind === "block") return type.spec;
  if (type.kind !== "object") return undefined;
  if (type.spec !== undefined) return type.spec;
  return {
    options: Object.fromEntries(Object.entries(type.attributes).map(([name, attribute]) => [name, { type: attribute, required: false }])),
  };
}

function attributeType(type: SpecType, path: readonly PathSegment[]): WireType {
  switch (type.kind) {
    case "string":
    case "number":
    case "bool":
      return { kind: type.kind };
    case "list":
    case "set":
      return { kind: "list", element: attributeType(type.element, path) };
    case "map":
      return { kind: "map", element: attributeType(type.element, path) };
    case "union": {
      const variants = type.variants.map((variant) => variant.type);
      if (variants.length > 0 && variants.every(isSimple)) {
        return { kind: variants.every(({ kind }) => kind === variants[0]?.kind) ? (variants[0]?.kind ?? "string") : "string" };
      }
      // One text or several: a list says both.
      const list = variants.find((variant) => variant.kind === "list" || variant.kind === "set");
      const others = variants.filter((variant) => variant !== list);
      if (list !== undefined && others.every(isSimple)) return attributeType(list, path);
      throw cannotBeSent(path, "values of several types");
    }
    case "any":
      throw cannotBeSent(path, "values of any type");
    default:
      throw cannotBeSent(path, "objects inside a map or a list of lists");
  }
}

function isSimple(type: SpecType): type is { readonly kind: "string" | "number" | "bool" } {
  return type.kind === "string" || type.kind === "number" || type.kind === "bool";
}

function cannotBeSent(path: readonly PathSegment[], what: string): ConfigError {
  return new ConfigError(`The option ${JSON.stringify(formatPath(path))} takes ${what}, which Packer cannot be told`, {
    code: "TPK1006",
    hint: "Give it one of these types: text, number, true or false, lists and maps of those, objects, lists of objects.",
  });
}
