// HCL's JSON syntax (row FIL-03): a second parser to the same tree.
import { MAX_NESTING } from "./cursor.ts";
import { type ExpressionContext, jsonExpression } from "./json-expression.ts";
import { type JsonObject, type JsonString, type JsonValue, parseJsonValue } from "./json-value.ts";
import type { Parsed } from "./parse.ts";
import { type Problem, toDiagnostics } from "./problem.ts";
import type { SourceText } from "./source-text.ts";
import type { Attribute, Block, Body, Comment, Label, Node } from "./tree.ts";

/**
 * Which properties of a JSON body are blocks. JSON does not tell blocks from attributes: what is not named here is an attribute.
 */
export interface JsonSchema {
  readonly blocks: { readonly [type: string]: { readonly labels: number; readonly body: JsonSchema } };
}

/**
 * Parses a file in JSON syntax; strings in it are templates. Properties named `//` are comments: they become those of what follows.
 * A block is an object, or an array of objects for several; its labels are objects around it.
 */
export function parseJsonConfig(source: SourceText, schema: JsonSchema): Parsed<Body> {
  const { value, problems: found } = parseJsonValue(source.text, MAX_NESTING);
  const problems: Problem[] = found.map(({ isTooDeep, ...problem }) => (isTooDeep === true ? { ...problem, code: "TPK2003" } : problem));
  const context: ExpressionContext = { source, report: (problem) => problems.push(problem) };
  const node: Node = { source, start: value?.start ?? 0, end: value?.end ?? source.text.length };
  const objects = value === undefined ? [] : bodies(context, value, "The file");
  const tree = body(context, objects, schema, node);
  return { tree, diagnostics: toDiagnostics(source, problems) };
}

// --- internal ---

/** A body from one object, or from several that count as one. */
function body(context: ExpressionContext, objects: readonly JsonObject[], schema: JsonSchema, place: Node): Body {
  const items: (Attribute | Block)[] = [];
  const attributes = new Map<string, JsonString>();
  let comments: Comment[] = [];
  for (const { name, value } of objects.flatMap((object) => object.properties)) {
    const start = items.length;
    const blockSchema = Object.hasOwn(schema.blocks, name.value) ? schema.blocks[name.value] : undefined;
    if (name.value === "//") {
      comments.push(comment(context.source, name, value));
      continue;
    }
    if (blockSchema !== undefined) items.push(...blocks(context, { name, value, labels: [] }, blockSchema));
    else if (isNew(context, attributes, name)) items.push(attribute(context, name, value));
    const first = items[start];
    if (first !== undefined && comments.length > 0) {
      items[start] = { ...first, leading: comments };
      comments = [];
    }
  }
  return { ...nodeOf(context, place), items, dangling: comments };
}

function attribute(context: ExpressionContext, name: JsonString, value: JsonValue): Attribute {
  return {
    kind: "attribute",
    source: context.source,
    start: name.start,
    end: value.end,
    name: name.value.normalize(),
    nameNode: nodeOf(context, name),
    value: jsonExpression(context, value),
    leading: [],
    blankBefore: false,
  };
}

interface BlockProperty {
  readonly name: JsonString;
  readonly value: JsonValue;
  /** Read so far. */
  readonly labels: readonly Label[];
}

/** The blocks of one property: a level of objects for each label, then the bodies. */
function blocks(context: ExpressionContext, { name, value, labels }: BlockProperty, schema: JsonSchema["blocks"][string]): Block[] {
  // Null stands for no block at all, so that generators of JSON may write it.
  if (value.kind === "null") return [];
  const objects = bodies(context, value, `A block of type "${name.value}"`);
  if (labels.length < schema.labels) {
    return objects
      .flatMap((object) => object.properties)
      .filter((property) => property.name.value !== "//")
      .flatMap((property) => {
        const label: Label = { ...nodeOf(context, property.name), text: property.name.value.normalize() };
        return blocks(context, { name, value: property.value, labels: [...labels, label] }, schema);
      });
  }
  return objects.map((object) => ({
    kind: "block",
    source: context.source,
    start: labels[0]?.start ?? name.start,
    end: object.end,
    type: name.value,
    typeNode: nodeOf(context, name),
    labels,
    body: body(context, [object], schema.body, nodeOf(context, object)),
    leading: [],
    blankBefore: false,
  }));
}

/** The objects that a value is or holds; anything else is reported. */
function bodies(context: ExpressionContext, value: JsonValue, what: string): readonly JsonObject[] {
  if (value.kind === "object") return [value];
  const isObject = (item: JsonValue): item is JsonObject => item.kind === "object";
  const items = value.kind === "array" ? value.items : [value];
  for (const item of items) {
    if (isObject(item)) continue;
    context.report({
      summary: "Incorrect JSON value type",
      detail: `${what} is a JSON object, or an array of objects, but here is ${item.kind === "bool" ? "a bool" : item.kind === "array" ? "an array" : `a ${item.kind}`}.`,
      start: item.start,
      end: item.end,
    });
  }
  return items.filter(isObject);
}

function isNew(context: ExpressionContext, attributes: Map<string, JsonString>, name: JsonString): boolean {
  const earlier = attributes.get(name.value);
  if (earlier === undefined) {
    attributes.set(name.value, name);
    return true;
  }
  context.report({
    summary: "Attribute redefined",
    detail: `The argument "${name.value}" was set before in the same place. Each argument may be set only once.`,
    start: name.start,
    end: name.end,
    related: { start: earlier.start, end: earlier.end, message: "It was set here." },
  });
  return false;
}

/** A `//` property as a comment. Text of several lines becomes as many. */
function comment(source: SourceText, name: JsonString, value: JsonValue): Comment {
  const words = value.kind === "string" ? value.value : source.text.slice(value.start, value.end);
  const text = words
    .split(/\r?\n/)
    .map((line) => `// ${line}`.trimEnd())
    .join("\n");
  return { source, start: name.start, end: value.end, text, blankAfter: false };
}

function nodeOf(context: ExpressionContext, place: { readonly start: number; readonly end: number }): Node {
  return { source: context.source, start: place.start, end: place.end };
}
