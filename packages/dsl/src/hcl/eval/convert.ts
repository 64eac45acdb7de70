// Conversion of values between types, by cty's rules: numbers and bools to text and back, tuples to lists, objects to maps.

import { ConversionError } from "./conversion-error.ts";
import { convertRecord, convertSequence } from "./convert-container.ts";
import { NumberError, numberText, parseNumber } from "./number.ts";
import { hasOptional, sameType, type Type, typeText, withoutOptional } from "./type.ts";
import { canConvert } from "./unify.ts";
import { boolValue, nullValue, numberValue, stringValue, unknownValue, type Value, withMarks } from "./value.ts";

/** What a conversion may do. */
export interface ConvertOptions {
  /** Only what cannot fail: text does not become a number. */
  readonly isSafe?: boolean | undefined;
}

/**
 * The value converted to a type. Parts that are `any` in it keep their own type; elements of a list, set or map of `any` are brought to
 * one type. Null stays null, unknown stays unknown, marks stay where they are. Throws `ConversionError`.
 */
export function convert(value: Value, type: Type, options: ConvertOptions = {}): Value {
  if (type.kind === "dynamic" || value.type === type) return value;
  const { isSafe = false } = options;
  if (value.kind === "null") {
    return canConvert(value.type, type, isSafe) ? withMarks(nullValue(withoutOptional(type)), value) : refuse(value.type, type);
  }
  if (value.kind === "unknown") return convertUnknown(value, type, isSafe);
  if (value.kind === "sequence" || value.kind === "record") {
    // Same types need no work, unless the type holds optional attributes.
    if (!hasOptional(type) && sameType(value.type, type)) return value;
    const convertPart = (part: Value, partType: Type): Value => convert(part, partType, options);
    const converted =
      value.kind === "sequence" ? convertSequence(value, type, convertPart) : convertRecord(value, type, isSafe, convertPart);
    return withMarks(converted ?? refuse(value.type, type), value);
  }
  if (value.kind === type.kind) return value;
  return withMarks(convertPrimitive(value, type, isSafe), value);
}

/** The text of a string, number or bool; undefined for what has none. */
export function textOf(value: Value): string | undefined {
  switch (value.kind) {
    case "string":
      return value.value;
    case "number":
      return numberText(value.value);
    case "bool":
      return value.value ? "true" : "false";
    default:
      return undefined;
  }
}

// --- internal ---

function refuse(from: Type, to: Type): never {
  throw new ConversionError(mismatch(from, to));
}

function convertUnknown(value: Value & { readonly kind: "unknown" }, type: Type, isSafe: boolean): Value {
  if (value.type.kind === "dynamic" || canConvert(value.type, type, isSafe)) {
    const { sensitive, waitsFor, reference } = value;
    // A set has no index: going into it is no narrower reference.
    return { ...unknownValue(withoutOptional(type), { sensitive, waitsFor }), ...(type.kind === "set" ? {} : { reference }) };
  }
  return refuse(value.type, type);
}

function convertPrimitive(value: Value, type: Type, isSafe: boolean): Value {
  if (type.kind === "string") {
    const text = textOf(value);
    if (text !== undefined) return stringValue(text);
  }
  if (value.kind !== "string" || isSafe) return refuse(value.type, type);
  if (type.kind === "number") {
    const number = readNumber(value.value);
    return number === undefined ? refuse(value.type, type) : numberValue(number);
  }
  if (type.kind !== "bool") return refuse(value.type, type);
  if (value.value === "true" || value.value === "1") return boolValue(true);
  if (value.value === "false" || value.value === "0") return boolValue(false);
  const lower = value.value.toLowerCase();
  if (lower === "true" || lower === "false") throw new ConversionError(`a bool is required: write "${lower}" in lower case`);
  return refuse(value.type, type);
}

function readNumber(text: string): ReturnType<typeof parseNumber> {
  try {
    return parseNumber(text);
  } catch (error) {
    if (error instanceof NumberError) throw new ConversionError(error.message);
    throw error;
  }
}

/** What is wrong with a value of one type where another is needed. */
function mismatch(from: Type, to: Type): string {
  if (to.kind === "tuple" && from.kind === "tuple") {
    return `a tuple of ${to.elements.length} elements is required, not of ${from.elements.length}`;
  }
  return from.kind === to.kind ? `${withArticle(to)} is required` : `${withArticle(to)} is required, not ${withArticle(from)}`;
}

function withArticle(type: Type): string {
  switch (type.kind) {
    case "dynamic":
      return "any value";
    case "object":
      return "an object";
    case "tuple":
      return "a tuple";
    default:
      return `a ${typeText(type)}`;
  }
}
