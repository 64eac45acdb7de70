// The syntax tree of a JSON file. Offsets are UTF-16 units into the text of its source, `end` exclusive.
import type { SourceRange } from "@tspack/core";
import type { SourceText } from "../../hcl/syntax/source-text.ts";

/** A value in a JSON file. */
export type JsonNode = JsonObject | JsonArray | JsonString | JsonNumber | JsonBoolean | JsonNull;

interface Placed {
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
}

/** An object; its properties keep their order. Names are unique: a repeated one is an error of parsing, and the first is kept. */
export interface JsonObject extends Placed {
  readonly kind: "object";
  readonly properties: readonly JsonProperty[];
}

/** A name and its value. The offsets are those of the name, with its quotes. */
export interface JsonProperty extends Placed {
  readonly name: string;
  readonly value: JsonNode;
}

/** A list. */
export interface JsonArray extends Placed {
  readonly kind: "array";
  readonly items: readonly JsonNode[];
}

/** A text, its escapes read. */
export interface JsonString extends Placed {
  readonly kind: "string";
  readonly value: string;
}

/** A number, as it is written: `plainJson` makes a JavaScript number of it. */
export interface JsonNumber extends Placed {
  readonly kind: "number";
  readonly text: string;
}

/** `true` or `false`. */
export interface JsonBoolean extends Placed {
  readonly kind: "boolean";
  readonly value: boolean;
}

/** `null`. */
export interface JsonNull extends Placed {
  readonly kind: "null";
}

/** The range of a node or of a property's name. */
export function rangeOf(place: Placed): SourceRange {
  return place.source.range(place.start, place.end);
}

/** The property of an object with this name, if there is one. */
export function findProperty(node: JsonObject, name: string): JsonProperty | undefined {
  return node.properties.find((property) => property.name === name);
}

/** How messages name what stands there: `a text`, `a number`, `an object`. */
export function describeNode(node: JsonNode): string {
  switch (node.kind) {
    case "object":
      return "an object";
    case "array":
      return "a list";
    case "string":
      return "text";
    case "number":
      return "a number";
    case "boolean":
      return String(node.value);
    case "null":
      return "null";
  }
}

/** The node as plain data. A whole number that JavaScript cannot hold exactly stays text. */
export function plainJson(node: JsonNode): unknown {
  return mapTexts(node, (text) => text.value);
}

/** The node as plain data, its texts replaced by what `convert` makes of them. Names of properties stay. */
export function mapTexts(node: JsonNode, convert: (text: JsonString) => unknown): unknown {
  switch (node.kind) {
    case "object":
      return Object.fromEntries(node.properties.map(({ name, value }) => [name, mapTexts(value, convert)]));
    case "array":
      return node.items.map((item) => mapTexts(item, convert));
    case "string":
      return convert(node);
    case "number":
      return plainNumber(node.text);
    case "boolean":
      return node.value;
    case "null":
      return null;
  }
}

// --- internal ---

function plainNumber(text: string): number | string {
  const value = Number(text);
  const isWhole = /^-?\d+$/.test(text);
  return (isWhole && !Number.isSafeInteger(value)) || !Number.isFinite(value) ? text : value;
}
