// Options of components: JSON's values as code, in the types that the component's specification asks for where it is known.
import type { ConfigSpec, SpecType } from "@tspack/core";
import { numberType } from "../../hcl/eval/type.ts";
import { type JsonNode, type JsonObject, type JsonProperty, type JsonString, plainJson, rangeOf } from "../../json/syntax/tree.ts";
import type { Findings } from "../conversion.ts";
import { type Code, operand, precedence } from "../expression/code.ts";
import { coerce } from "../expression/coerce.ts";
import { literalValue, quote } from "../expression/text.ts";
import { isShort } from "../hcl/body.ts";
import { configText } from "../hcl/expected-errors.ts";
import { type Entry, listText, objectText } from "../module/pieces.ts";
import { convertText, markedText, TextProblem, type TextWorld } from "./text.ts";

/** What values are written with. */
export interface ValueContext {
  readonly world: TextWorld;
  readonly findings: Findings;
}

/** A text in code; one that cannot be converted is marked, and told. */
export function textCode(node: JsonString, { world, findings }: ValueContext): Code {
  const converted = convertText(node.value, world);
  if (!(converted instanceof TextProblem)) return converted;
  findings.attention(`The text stays a template of the component: ${converted.reason}.`, { subject: rangeOf(node) });
  return markedText(node.value);
}

/** The options of a component, in the order of the template. Null means unset. */
export function optionEntries(options: readonly JsonProperty[], spec: ConfigSpec | undefined, context: ValueContext): readonly Entry[] {
  return options.flatMap((property): Entry[] => {
    const { name, value } = property;
    if (value.kind === "null") return [];
    const option = spec !== undefined && Object.hasOwn(spec.options, name) ? spec.options[name] : undefined;
    return [{ key: name, ...valueEntry(value, option?.type, context), blankBefore: isSetOff(property) }];
  });
}

/** True if an empty line stands in front of something. */
export function isSetOff({ source, start }: { readonly source: JsonNode["source"]; readonly start: number }): boolean {
  const before = /\s*$/.exec(source.text.slice(Math.max(0, start - 200), start))?.[0] ?? "";
  return before.split("\n").length > 2;
}

// --- internal ---

/** A value, behind a comment where the compiler would refuse it although Packer converts it, or waits for the component to refuse it. */
function valueEntry(node: JsonNode, type: SpecType | undefined, context: ValueContext): Entry {
  const value = valueText(node, type, context);
  if (value !== undefined) return { value };
  const text = "// @ts-expect-error TODO(tspack): the component takes another kind of value";
  return { value: valueText(node, undefined, context) ?? "undefined", leading: [{ text, blankAfter: false }] };
}

/** The value as the type wants it; undefined where nothing can be made of it. */
function valueText(node: JsonNode, type: SpecType | undefined, context: ValueContext): string | undefined {
  switch (node.kind) {
    case "object":
      return objectValue(node, type, context);
    case "array":
      return arrayValue(node.items, type, context);
    case "null":
      return type === undefined || type.kind === "any" ? "null" : undefined;
    default:
      return scalarValue(node, type, context);
  }
}

function objectValue(node: JsonObject, type: SpecType | undefined, context: ValueContext): string | undefined {
  switch (type?.kind) {
    case "block":
      return blockText(node, type.spec, context);
    case "block-list":
      return `[${blockText(node, type.spec, context)}]`;
    case "list":
    case "set": {
      const item = objectValue(node, type.element, context);
      return item === undefined ? undefined : `[${item}]`;
    }
    case "string":
    case "number":
    case "bool":
      return undefined;
    case "map":
      return entriesText(node, () => type.element, context);
    case "object":
      return type.spec === undefined ? entriesText(node, (name) => type.attributes[name], context) : blockText(node, type.spec, context);
    default:
      return entriesText(node, () => undefined, context);
  }
}

function blockText(node: JsonObject, spec: ConfigSpec, context: ValueContext): string {
  const entries = optionEntries(node.properties, spec, context);
  return configText(entries, spec, { open: !isShort(entries) });
}

function entriesText(node: JsonObject, typeOf: (name: string) => SpecType | undefined, context: ValueContext): string {
  const entries = node.properties
    .filter(({ value }) => value.kind !== "null")
    .map(({ name, value }): Entry => ({ key: name, ...valueEntry(value, typeOf(name), context) }));
  return objectText(entries, { open: !isShort(entries) });
}

function arrayValue(items: readonly JsonNode[], type: SpecType | undefined, context: ValueContext): string | undefined {
  const [only] = items;
  switch (type?.kind) {
    case "string":
    case "number":
    case "bool":
    case "map":
    case "object":
      return undefined;
    case "block":
      return items.length === 1 && only?.kind === "object" ? blockText(only, type.spec, context) : undefined;
    case "block-list": {
      const blocks = items.flatMap((item) => (item.kind === "object" ? [{ value: blockText(item, type.spec, context) }] : []));
      return blocks.length === items.length ? listText(blocks, { open: blocks.length > 1 }) : undefined;
    }
    default: {
      const element = type?.kind === "list" || type?.kind === "set" ? type.element : undefined;
      const values = items.map((item) => valueText(item, element, context));
      if (values.includes(undefined)) return undefined;
      return listText(
        values.map((value = "", index): Entry => ({ value, blankBefore: setOffItem(items[index]) })),
        { open: values.some((value) => value?.includes("\n")) || isOnLines(items) },
      );
    }
  }
}

/** Lists of commands that somebody wrote on lines of their own stay so. */
function isOnLines(items: readonly JsonNode[]): boolean {
  const [first, second] = items;
  if (first === undefined || second === undefined) return false;
  const areCommands = items.some((item) => item.kind === "string" && item.value.includes(" "));
  return areCommands && items.length > 2 && first.source.text.slice(first.end, second.start).includes("\n");
}

function setOffItem(node: JsonNode | undefined): boolean {
  return node !== undefined && isSetOff(node);
}

function scalarValue(
  node: Exclude<JsonNode, { kind: "object" | "array" | "null" }>,
  type: SpecType | undefined,
  context: ValueContext,
): string | undefined {
  switch (type?.kind) {
    case "string":
      return node.kind === "string" ? textCode(node, context).text : quote(String(plainJson(node)));
    case "number":
      return numberText(node, context);
    case "bool":
      return booleanText(node, context);
    case "list":
    case "set":
      return listOfOne(node, type.element, context);
    case "map":
    case "object":
    case "block":
    case "block-list":
      return undefined;
    default:
      return plainText(node, context);
  }
}

function plainText(node: Exclude<JsonNode, { kind: "object" | "array" | "null" }>, context: ValueContext): string {
  if (node.kind === "string") return textCode(node, context).text;
  const value = plainJson(node);
  return typeof value === "string" ? quote(value) : node.kind === "number" ? numeral(node.text) : String(value);
}

/** A number as it is written: JSON's notation is TypeScript's as well, but for a whole number's fraction that says nothing. */
function numeral(text: string): string {
  return text.toLowerCase().replace("e+", "e");
}

function numberText(node: Exclude<JsonNode, { kind: "object" | "array" | "null" }>, context: ValueContext): string | undefined {
  if (node.kind === "boolean") return node.value ? "1" : "0";
  if (node.kind === "number") return numeral(node.text);
  const value = textCode(node, context);
  const literal = literalValue(value.text);
  if (literal === undefined) return coerce(value, numberType).text;
  const trimmed = literal.trim();
  return trimmed !== "" && Number.isFinite(Number(trimmed)) ? String(Number(trimmed)) : undefined;
}

/** As weakly as Packer decodes: `"1"`, `"t"` and `"true"` in several spellings. */
function booleanText(node: Exclude<JsonNode, { kind: "object" | "array" | "null" }>, context: ValueContext): string | undefined {
  if (node.kind === "boolean") return String(node.value);
  if (node.kind === "number") return String(Number(node.text) !== 0);
  const value = textCode(node, context);
  const literal = literalValue(value.text);
  if (literal === undefined) return value.isRef ? value.text : `/^(1|t|true)$/i.test(${value.text})`;
  if (/^(1|t|T|TRUE|true|True)$/.test(literal)) return "true";
  return /^(0|f|F|FALSE|false|False|)$/.test(literal) ? "false" : undefined;
}

/** A single value is a list of one; text with commas is as many. */
function listOfOne(
  node: Exclude<JsonNode, { kind: "object" | "array" | "null" }>,
  element: SpecType,
  context: ValueContext,
): string | undefined {
  if (node.kind === "string" && element.kind === "string") {
    const value = textCode(node, context);
    const literal = literalValue(value.text);
    if (literal !== undefined) return literal === "" ? "[]" : `[${literal.split(",").map(quote).join(", ")}]`;
    if (value.isRef) return `[${value.text}]`;
    const text = operand(value, precedence.relational);
    return `${text} === "" ? [] : ${operand(value, precedence.access)}.split(",")`;
  }
  const item = scalarValue(node, element, context);
  return item === undefined ? undefined : `[${item}]`;
}
