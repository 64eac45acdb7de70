// `dynamic` blocks (row BLK-16): each element of a collection makes one block.
import { didYouMean } from "@tspack/core";
import { ConversionError } from "../eval/conversion-error.ts";
import { convert } from "../eval/convert.ts";
import { numberFrom } from "../eval/number.ts";
import { stringType, typeText } from "../eval/type.ts";
import { deepMarksOf, numberValue, objectValue, sortedEntries, stringValue, type Value, withMarks } from "../eval/value.ts";
import type { Attribute, Block, Body, Expression, Label, Node } from "../syntax/tree.ts";
import { attributesOf, blocksOf, findAttribute } from "./body.ts";
import type { Decoding } from "./decoding.ts";
import type { ExpandedBlock, Layer } from "./layer.ts";
import { problemAt } from "./problem.ts";
import { type Place, placeWith, type Roots } from "./template-scope.ts";

/** Most blocks that one `dynamic` may make. */
const BLOCK_LIMIT = 10_000;

/** The blocks of a body in order, each `dynamic` replaced by those it makes. `at` is where collections are evaluated. */
export function expandBlocks(body: Body, at: Place, layer: Layer, decoding: Decoding, where: string): readonly ExpandedBlock[] {
  return blocksOf(body).flatMap((block) => (block.type === "dynamic" ? expandOne(block, at, layer, decoding, where) : [{ block, layer }]));
}

// --- internal ---

const argumentNames = ["for_each", "iterator", "labels"];

function expandOne(block: Block, at: Place, outer: Layer, decoding: Decoding, where: string): readonly ExpandedBlock[] {
  const parts = partsOf(block, decoding, where);
  if (parts === undefined) return [];
  const { type, forEach, iterator, labels, content } = parts;
  const around = outer(at);
  const collection = decoding.structure(forEach.value, around, where, true);
  const elements = collection === undefined ? undefined : elementsOf(collection, forEach.value, decoding, where);
  if (elements === undefined) return [];
  if (elements.length > BLOCK_LIMIT) {
    const detail = `for_each has ${elements.length} elements; a dynamic block may make ${BLOCK_LIMIT} blocks at most.`;
    decoding.report(problemAt(forEach.value, { code: "TPK2003", summary: "Too many blocks", detail, where }));
    return [];
  }
  return elements.flatMap(([key, value], index) => {
    const layer: Layer = (place) => {
      const inner = outer(place);
      const names = (element: Value): Roots =>
        new Map([
          [
            iterator,
            objectValue(
              new Map([
                ["key", key],
                ["value", element],
              ]),
            ),
          ],
        ]);
      const isFixed = deepMarksOf(value).waitsFor.length === 0;
      const known = names(value);
      return placeWith(inner, (values) => {
        if (values === undefined || isFixed) return known;
        // What the element waits for is known by now: the collection is made again.
        const again = decoding.again(forEach.value, around, values);
        const element = again === undefined ? undefined : elementsIn(again)?.[index]?.[1];
        return element === undefined ? known : names(element);
      });
    };
    const made = makeBlock({ type, block, content, labels: labels === undefined ? [] : labelsOf(labels, layer(at), decoding, where) });
    return made === undefined ? [] : [{ block: made, layer }];
  });
}

interface DynamicParts {
  readonly type: Label;
  readonly forEach: Attribute;
  readonly iterator: string;
  readonly labels: Expression | undefined;
  readonly content: Block;
}

function partsOf(block: Block, decoding: Decoding, where: string): DynamicParts | undefined {
  const [type] = block.labels;
  const complain = (node: Node, summary: string, detail: string, hint?: string): void =>
    decoding.report(problemAt(node, { code: "TPK2201", summary, detail, hint, where }));
  if (type === undefined) {
    complain(
      block.typeNode,
      "Missing type for dynamic",
      "A dynamic block is labelled with the type of the blocks it makes.",
      'Write: dynamic "TYPE" { … }',
    );
    return undefined;
  }
  for (const { name, nameNode } of attributesOf(block.body)) {
    if (argumentNames.includes(name)) continue;
    const hint = didYouMean(name, argumentNames) ?? "Arguments of the blocks it makes stand inside content { … }.";
    complain(nameNode, "Unsupported argument", `An argument named "${name}" is not expected here.`, hint);
  }
  const forEach = findAttribute(block.body, "for_each");
  if (forEach === undefined) complain(block.typeNode, "Missing required argument", 'The argument "for_each" is required in dynamic.');
  const [content, ...others] = blocksOf(block.body).filter((one) => one.type === "content");
  for (const other of blocksOf(block.body)) {
    if (other.type === "content") continue;
    complain(
      other.typeNode,
      "Unsupported block type",
      `Blocks of type "${other.type}" are not expected here.`,
      "Put it inside content { … }.",
    );
  }
  if (content === undefined) {
    complain(block.typeNode, "Missing content block", "A dynamic block needs one content block: the body of the blocks it makes.");
  }
  for (const other of others) complain(other.typeNode, "Extraneous content block", "Only one content block is allowed in dynamic.");
  const iterator = iteratorName(block, type.text, complain);
  if (forEach === undefined || content === undefined || iterator === undefined) return undefined;
  return { type, forEach, iterator, labels: findAttribute(block.body, "labels")?.value, content };
}

function iteratorName(block: Block, fallback: string, complain: (node: Node, summary: string, detail: string) => void): string | undefined {
  const given = findAttribute(block.body, "iterator");
  if (given === undefined) return fallback;
  // In JSON syntax names are text.
  const { value } = given;
  if (value.kind === "variable") return value.name;
  const [part] = value.kind === "template" ? value.parts : [];
  if (part?.kind === "text" && block.source.file.endsWith(".json")) return part.value;
  complain(value, "Invalid iterator name", "iterator is a single name, without quotes: iterator = each_disk");
  return undefined;
}

function elementsOf(collection: Value, node: Node, decoding: Decoding, where: string): readonly (readonly [Value, Value])[] | undefined {
  const elements = elementsIn(collection);
  if (elements !== undefined) return elements;
  const what = collection.kind === "null" ? "a null value" : `a ${typeText(collection.type)}`;
  decoding.report(
    problemAt(node, {
      code: "TPK2104",
      summary: "Invalid for_each value",
      detail: `for_each takes a list, a set, a map or an object, and not ${what}.`,
      hint: collection.kind === "null" ? "For no blocks give an empty list: []" : undefined,
      where,
    }),
  );
  return undefined;
}

/** Keys and values; of a set the key is the value. */
function elementsIn(collection: Value): readonly (readonly [Value, Value])[] | undefined {
  const mark = (value: Value): Value => withMarks(value, { sensitive: collection.sensitive, waitsFor: collection.waitsFor });
  if (collection.kind === "record") return sortedEntries(collection).map(([key, value]) => [mark(stringValue(key)), mark(value)]);
  if (collection.kind !== "sequence") return undefined;
  const isSet = collection.type.kind === "set";
  return collection.elements.map((value, index) => [isSet ? mark(value) : numberValue(numberFrom(index)), mark(value)]);
}

/** Labels see the iteration's own names. */
function labelsOf(labels: Expression, inside: Place, decoding: Decoding, where: string): readonly Label[] | undefined {
  const list = decoding.structure(labels, inside, where);
  if (list === undefined) return undefined;
  const elements = list.kind === "sequence" ? list.elements : undefined;
  const texts = elements?.map((element) => textOf(element));
  if (texts === undefined || texts.some((text) => text === undefined)) {
    decoding.report(
      problemAt(labels, {
        code: "TPK2104",
        summary: "Invalid dynamic block label",
        detail: "labels must be a list of known texts.",
        where,
      }),
    );
    return undefined;
  }
  const { source, start, end } = labels;
  return texts.map((text) => ({ source, start, end, text: text ?? "" }));
}

function textOf(value: Value): string | undefined {
  try {
    const text = convert(value, stringType);
    return text.kind === "string" ? text.value : undefined;
  } catch (error) {
    if (error instanceof ConversionError) return undefined;
    throw error;
  }
}

function makeBlock(made: {
  readonly type: Label;
  readonly block: Block;
  readonly content: Block;
  readonly labels: readonly Label[] | undefined;
}): Block | undefined {
  const { type, block, content, labels } = made;
  if (labels === undefined) return undefined;
  return { ...block, type: type.text, typeNode: type, labels, body: content.body };
}
