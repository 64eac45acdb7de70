// Values to JavaScript data and back.
import { convert } from "./convert.ts";
import { exactJsNumber, numberFrom, numberText } from "./number.ts";
import type { Type } from "./type.ts";
import { boolValue, nullValue, numberValue, objectValue, stringValue, tupleValue, type Value } from "./value.ts";

/**
 * A wholly known value as JavaScript data, whatever its marks: lists, sets and tuples are arrays, maps and objects are objects, a number
 * that JavaScript cannot hold exactly is its decimal text. Throws a RangeError for what is unknown.
 */
export function toPlain(value: Value): unknown {
  switch (value.kind) {
    case "string":
    case "bool":
      return value.value;
    case "number":
      return exactJsNumber(value.value) ?? numberText(value.value);
    case "null":
      return null;
    case "sequence":
      return value.elements.map(toPlain);
    case "record":
      return Object.fromEntries([...value.entries].map(([name, item]) => [name, toPlain(item)]));
    case "unknown":
      throw new RangeError("the value is not known yet");
  }
}

/**
 * JavaScript data as a value: arrays are tuples, objects are objects, `undefined` is null. With a type it is converted. Throws
 * `ConversionError` for what does not convert, a TypeError for what is no data (a function, a symbol).
 */
export function fromPlain(data: unknown, type?: Type): Value {
  const value = read(data);
  return type === undefined ? value : convert(value, type);
}

// --- internal ---

function read(data: unknown): Value {
  switch (typeof data) {
    case "string":
      return stringValue(data);
    case "boolean":
      return boolValue(data);
    case "number":
    case "bigint":
      return numberValue(numberFrom(data));
    case "undefined":
      return nullValue();
    case "object":
      if (data === null) return nullValue();
      if (Array.isArray(data)) return tupleValue(Array.from(data, (item) => read(item)));
      return objectValue(new Map(Object.entries(data).map(([name, item]) => [name, read(item)])));
    default:
      throw new TypeError(`a ${typeof data} is no value of HCL`);
  }
}
