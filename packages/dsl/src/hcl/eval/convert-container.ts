// Conversion of lists, sets, tuples, maps and objects.
import { ConversionError, within } from "./conversion-error.ts";
import { setFrom } from "./set.ts";
import { dynamicType, type ObjectType, sameType, type Type, withoutOptional } from "./type.ts";
import { unify } from "./unify.ts";
import { listValue, mapValue, nullValue, objectValue, type RecordValue, type SequenceValue, tupleValue, type Value } from "./value.ts";

/** Converts a part. Throws `ConversionError`. */
export type ConvertPart = (value: Value, type: Type) => Value;

/** A list, set or tuple as another type, without the marks of the whole; undefined where that cannot be. */
export function convertSequence(value: SequenceValue, type: Type, convertPart: ConvertPart): Value | undefined {
  switch (type.kind) {
    case "list":
    case "set": {
      const parts = value.elements.map((element, index) => within(index, () => convertPart(element, type.element)));
      const [element, elements] = alike(type.element, parts, value.type, convertPart);
      return type.kind === "list" ? listValue(element, elements) : setFrom(element, elements);
    }
    case "tuple":
      if (value.type.kind !== "tuple" || value.elements.length !== type.elements.length) return undefined;
      return tupleValue(
        value.elements.map((element, index) => within(index, () => convertPart(element, type.elements[index] ?? dynamicType))),
      );
    default:
      return undefined;
  }
}

/** A map or object as another type, without the marks of the whole; undefined where that cannot be. */
export function convertRecord(value: RecordValue, type: Type, isSafe: boolean, convertPart: ConvertPart): Value | undefined {
  if (type.kind === "map") {
    const names = [...value.entries.keys()];
    const parts = names.map((name) => within(name, () => convertPart(value.entries.get(name) ?? nullValue(), type.element)));
    const [element, elements] = alike(type.element, parts, value.type, convertPart);
    return mapValue(element, new Map(names.map((name, index) => [name, elements[index] ?? nullValue(element)])));
  }
  if (type.kind !== "object" || (value.type.kind === "map" && isSafe)) return undefined;
  return toObject(value, type, convertPart);
}

// --- internal ---

function toObject(value: RecordValue, type: ObjectType, convertPart: ConvertPart): Value | undefined {
  const entries = new Map<string, Value>();
  const missing: string[] = [];
  for (const [name, attribute] of type.attributes) {
    const given = value.entries.get(name);
    const isOptional = type.optional?.has(name) === true;
    const fallback = type.optional?.get(name);
    if (given === undefined && !isOptional) missing.push(name);
    // A null takes the default too.
    else if (fallback !== undefined && (given === undefined || given.kind === "null")) {
      entries.set(
        name,
        within(name, () => convertPart(fallback, attribute)),
      );
    } else if (given === undefined) entries.set(name, nullValue(withoutOptional(attribute)));
    else
      entries.set(
        name,
        within(name, () => convertPart(given, attribute)),
      );
  }
  if (missing.length === 0) return objectValue(entries);
  const names = missing
    .sort()
    .map((name) => `"${name}"`)
    .join(", ");
  throw new ConversionError(missing.length === 1 ? `the attribute ${names} is required` : `the attributes ${names} are required`);
}

/** Elements of one type. Where the wanted type has `any` in it, they may differ: then they are brought together. */
function alike(wanted: Type, parts: readonly Value[], from: Type, convertPart: ConvertPart): readonly [Type, readonly Value[]] {
  const [first] = parts;
  if (!hasAny(wanted)) return [withoutOptional(wanted), parts];
  if (first === undefined) return ["element" in from ? from.element : withoutOptional(wanted), parts];
  if (parts.every(({ type }) => sameType(type, first.type))) return [first.type, parts];
  const element = unify(parts.map(({ type }) => type));
  if (element === undefined) throw new ConversionError("all elements must have the same type");
  return [element, element.kind === "dynamic" ? parts : parts.map((part, index) => within(index, () => convertPart(part, element)))];
}

function hasAny(type: Type): boolean {
  switch (type.kind) {
    case "dynamic":
      return true;
    case "list":
    case "set":
    case "map":
      return hasAny(type.element);
    case "tuple":
      return type.elements.some(hasAny);
    case "object":
      return [...type.attributes.values()].some(hasAny);
    default:
      return false;
  }
}
