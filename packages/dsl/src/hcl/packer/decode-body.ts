// The body of a component's block to its configuration. Without the component's specification the syntax decides: an argument is a
// value, and the nested blocks of one type are a list of objects. With it, blocks and arguments must be what the specification says.
import type { Config, ConfigSpec, SpecType } from "@tspack/core";
import type { Attribute, Block, Body, Node } from "../syntax/tree.ts";
import { attributesOf } from "./body.ts";
import type { Decoding } from "./decoding.ts";
import { expandBlocks } from "./dynamic.ts";
import { noLayer } from "./layer.ts";
import type { LocatedBody } from "./located.ts";
import { problemAt } from "./problem.ts";
import type { Place } from "./template-scope.ts";

/** An argument, and where its expression is evaluated. */
export interface DecodedAttribute {
  readonly attribute: Attribute;
  readonly at: Place;
}

/** A body put in order: each argument once, nested blocks by type with `dynamic` expanded. Values are still expressions. */
export interface DecodedBody extends LocatedBody {
  readonly placed: ReadonlyMap<string, DecodedAttribute>;
  readonly blocks: ReadonlyMap<string, readonly DecodedBody[]>;
  readonly where: string;
}

export interface BodyOptions {
  /** What messages say the place is. */
  readonly where: string;
  /** What is marked for the body as a whole. */
  readonly head: Node;
  readonly spec?: ConfigSpec | undefined;
  /** `dynamic` is no block here, as in data sources (row MISS-30). */
  readonly withoutDynamic?: boolean | undefined;
}

/** A body, and the place where its expressions are evaluated. */
export interface PlacedBody {
  readonly body: Body;
  readonly at: Place;
}

/** Puts a body in order. Of several bodies (a source and what a build adds to it, row BLK-11) no argument may stand in two. */
export function decodeBody(bodies: readonly PlacedBody[], decoding: Decoding, options: BodyOptions): DecodedBody {
  const { where, head, spec } = options;
  const attributes = new Map<string, Attribute>();
  const placed = new Map<string, DecodedAttribute>();
  const blocks = new Map<string, DecodedBody[]>();
  for (const { body, at } of bodies) {
    for (const attribute of attributesOf(body)) {
      const earlier = attributes.get(attribute.name);
      if (earlier !== undefined) {
        decoding.report(duplicateArgument(attribute, earlier, where));
        continue;
      }
      checkArgument(attribute, spec, decoding, where);
      attributes.set(attribute.name, attribute);
      placed.set(attribute.name, { attribute, at });
    }
  }
  for (const { body, at } of bodies) {
    // What `dynamic` makes is a list, also where it makes nothing.
    for (const type of dynamicTypes(body)) if (!blocks.has(type)) blocks.set(type, []);
    for (const { block, layer } of nestedBlocks(body, at, decoding, options)) {
      const inner = checkNestedBlock(block, attributes, spec, decoding, where);
      if (inner === undefined) continue;
      const list = blocks.get(block.type) ?? [];
      list.push(decodeBody([{ body: block.body, at: layer(at) }], decoding, { ...options, head: block.typeNode, spec: inner.spec }));
      blocks.set(block.type, list);
    }
  }
  return { head, attributes, placed, blocks, where };
}

/** The configuration that a body makes, without the arguments in `except`. Null arguments are left out. */
export function configOf(body: DecodedBody, decoding: Decoding, except: readonly string[] = []): Config {
  const config: { [option: string]: unknown } = {};
  for (const [name, { attribute, at }] of body.placed) {
    if (except.includes(name)) continue;
    const value = decoding.programValue(attribute.value, at, body.where);
    if (value !== undefined) define(config, name, value);
  }
  for (const [type, list] of body.blocks) {
    const configs = list.map((one) => configOf(one, decoding));
    define(config, type, configs);
  }
  return config;
}

// --- internal ---

/** Also for `__proto__`. */
function define(config: { [option: string]: unknown }, name: string, value: unknown): void {
  Object.defineProperty(config, name, { value, enumerable: true, configurable: true, writable: true });
}

function dynamicTypes({ items }: Body): readonly string[] {
  return items.flatMap((item) =>
    item.kind === "block" && item.type === "dynamic" && item.labels[0] !== undefined ? [item.labels[0].text] : [],
  );
}

function nestedBlocks(body: Body, at: Place, decoding: Decoding, { where, withoutDynamic }: BodyOptions): ReturnType<typeof expandBlocks> {
  if (withoutDynamic !== true) return expandBlocks(body, at, noLayer, decoding, where);
  return body.items
    .filter((item): item is Block => item.kind === "block")
    .filter((block) => {
      if (block.type !== "dynamic") return true;
      decoding.report(
        problemAt(block.typeNode, {
          code: "TPK2201",
          summary: "Unsupported block type",
          detail: "dynamic blocks cannot be used in data sources.",
          hint: "Write the nested blocks one by one.",
          where,
        }),
      );
      return false;
    })
    .map((block) => ({ block, layer: noLayer }));
}

function duplicateArgument(attribute: Attribute, { nameNode }: Attribute, where: string): ReturnType<typeof problemAt> {
  return problemAt(attribute.nameNode, {
    code: "TPK2202",
    summary: "Duplicate argument",
    detail: `The argument "${attribute.name}" is set by the source already: a build can add options to a source, but not replace them.`,
    hint: "Remove it from the source, and set it in each build.",
    where,
    related: [{ at: nameNode.source.range(nameNode.start, nameNode.end), message: "The source sets it here." }],
  });
}

/** In JSON syntax blocks look like arguments. */
function checkArgument({ name, nameNode }: Attribute, spec: ConfigSpec | undefined, decoding: Decoding, where: string): void {
  const type = optionType(spec, name);
  if ((type?.kind !== "block" && type?.kind !== "block-list") || nameNode.source.file.endsWith(".json")) return;
  decoding.report(
    problemAt(nameNode, {
      code: "TPK2201",
      summary: "Unsupported argument",
      detail: `An argument named "${name}" is not expected here: it is a block.`,
      hint: `Leave out the equals sign: ${name} { … }`,
      where,
    }),
  );
}

function checkNestedBlock(
  block: Block,
  attributes: ReadonlyMap<string, Attribute>,
  spec: ConfigSpec | undefined,
  decoding: Decoding,
  where: string,
): { readonly spec: ConfigSpec | undefined } | undefined {
  const { type, typeNode, labels } = block;
  const complain = (node: Node, summary: string, detail: string, hint?: string): undefined => {
    decoding.report(problemAt(node, { code: "TPK2201", summary, detail, hint, where }));
    return undefined;
  };
  if (labels[0] !== undefined) {
    return complain(labels[0], `Extraneous label for ${type}`, "Nested blocks of components have no labels.");
  }
  if (attributes.has(type)) {
    return complain(
      typeNode,
      "Argument and block of one name",
      `"${type}" stands here as an argument and as a block.`,
      "Keep one of the two forms.",
    );
  }
  const asArgument = (): undefined =>
    complain(
      typeNode,
      "Unsupported block type",
      `Blocks of type "${type}" are not expected here: it is an argument.`,
      `Write an equals sign: ${type} = …`,
    );
  const option = optionType(spec, type);
  switch (option?.kind) {
    case "block":
    case "block-list":
      return { spec: option.spec };
    case "string":
    case "number":
    case "bool":
    case "map":
      return asArgument();
    case "list":
    case "set":
      return isScalar(option.element) ? asArgument() : { spec: undefined };
    default:
      return { spec: undefined };
  }
}

function isScalar({ kind }: SpecType): boolean {
  return kind === "string" || kind === "number" || kind === "bool";
}

function optionType(spec: ConfigSpec | undefined, name: string): SpecType | undefined {
  return spec !== undefined && Object.hasOwn(spec.options, name) ? spec.options[name]?.type : undefined;
}
