// Checks a body against the shape it should have: unknown arguments and blocks, labels, what is missing. Tells everything at once.
import { type Diagnostic, didYouMean } from "@tspack/core";
import type { Attribute, Block, Body } from "../syntax/tree.ts";
import type { BlockShape, BodyShape } from "./block-shapes.ts";
import { blockTitle, problemAt } from "./problem.ts";

/** What is wrong with a body, and with all known blocks inside it. `where` says what the body belongs to. */
export function checkShape(body: Body, shape: BodyShape, where: string | undefined): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const item of body.items) {
    const found = item.kind === "attribute" ? checkAttribute(item, shape, where) : checkBlock(item, shape, where);
    diagnostics.push(...found);
  }
  return diagnostics;
}

/** What is wrong with a block inside a body of this shape. */
export function checkBlock(block: Block, { attributes, blocks }: BodyShape, where: string | undefined): Diagnostic[] {
  if (blocks === "any") return [];
  const shape = Object.hasOwn(blocks, block.type) ? blocks[block.type] : undefined;
  if (shape === undefined) return [unknownBlock(block, attributes, blocks, where)];
  const labels = checkLabels(block, shape);
  const inside = checkShape(block.body, shape.body, `in ${blockTitle(block)}`);
  return [...labels, ...missingArguments(block, shape.body), ...inside];
}

// --- internal ---

/** Arguments that a block must have and has not; `block` is marked. */
function missingArguments(block: Block, shape: BodyShape): Diagnostic[] {
  if (shape.attributes === "any") return [];
  const present = new Set(block.body.items.filter(({ kind }) => kind === "attribute").map((item) => ("name" in item ? item.name : "")));
  return Object.entries(shape.attributes)
    .filter(([name, required]) => required && !present.has(name))
    .map(([name]) =>
      problemAt(block.typeNode, {
        code: "TPK2201",
        summary: "Missing required argument",
        detail: `The argument "${name}" is required, but no definition was found.`,
        where: `in ${blockTitle(block)}`,
      }),
    );
}

function checkAttribute(attribute: Attribute, { attributes, blocks }: BodyShape, where: string | undefined): Diagnostic[] {
  if (attributes === "any" || Object.hasOwn(attributes, attribute.name)) return [];
  const { name, nameNode } = attribute;
  if (blocks !== "any" && Object.hasOwn(blocks, name)) {
    return [
      problemAt(nameNode, {
        code: "TPK2201",
        summary: "Unsupported argument",
        detail: `An argument named "${name}" is not expected here.`,
        hint: `Did you mean to define a block? Then leave out the equals sign: ${name} { … }`,
        where,
      }),
    ];
  }
  const names = [...Object.keys(attributes), ...(blocks === "any" ? [] : Object.keys(blocks))];
  return [
    problemAt(nameNode, {
      code: "TPK2201",
      summary: "Unsupported argument",
      detail: `An argument named "${name}" is not expected here.`,
      hint: didYouMean(name, names) ?? expected(where === undefined ? Object.keys(blocks) : names, where),
      where,
    }),
  ];
}

function unknownBlock(
  block: Block,
  attributes: BodyShape["attributes"],
  blocks: { readonly [type: string]: BlockShape },
  where: string | undefined,
): Diagnostic {
  const { type } = block;
  const isArgument = attributes === "any" || Object.hasOwn(attributes, type);
  const known = Object.keys(blocks);
  const hint = isArgument
    ? `Did you mean to define an argument? Then write an equals sign: ${type} = …`
    : type === "dynamic"
      ? "dynamic makes blocks inside source and build, not at the top of a template."
      : (didYouMean(type, known) ?? expected(known, where));
  return problemAt(block.typeNode, {
    code: "TPK2201",
    summary: "Unsupported block type",
    detail: `Blocks of type "${type}" are not expected here.`,
    hint,
    where,
  });
}

function expected(names: readonly string[], where: string | undefined): string | undefined {
  if (names.length === 0) return undefined;
  return `${where === undefined ? "At the top of a template" : "Here"} stand: ${names.join(", ")}.`;
}

function checkLabels(block: Block, { labels }: BlockShape): Diagnostic[] {
  const where = `in ${blockTitle(block)}`;
  const missing = labels[block.labels.length];
  if (missing !== undefined) {
    const example = [block.type, ...labels.map((label) => JSON.stringify(label.toUpperCase()))].join(" ");
    return [
      problemAt(block.typeNode, {
        code: "TPK2201",
        summary: `Missing ${missing} for ${block.type}`,
        detail: `A ${block.type} block has ${labels.length} ${labels.length === 1 ? "label" : "labels"} (${labels.join(", ")}), and this one has ${block.labels.length}.`,
        hint: `Write: ${example} { … }`,
        where,
      }),
    ];
  }
  const extra = block.labels[labels.length];
  if (extra === undefined) return [];
  const detail =
    labels.length === 0
      ? `A ${block.type} block has no labels.`
      : `A ${block.type} block has only ${labels.length} (${labels.join(", ")}).`;
  return [problemAt(extra, { code: "TPK2201", summary: `Extraneous label for ${block.type}`, detail, where })];
}
