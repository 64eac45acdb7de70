// What the functions on lists, sets, maps and objects share: taking values apart, and results that are not known yet.
import { InternalError } from "@tspack/core";
import { ConversionError } from "../hcl/eval/conversion-error.ts";
import { convert } from "../hcl/eval/convert.ts";
import { dynamicType, listOf, type Type, typeText } from "../hcl/eval/type.ts";
import { unify } from "../hcl/eval/unify.ts";
import { deepMarksOf, unknownValue, type Value } from "../hcl/eval/value.ts";
import { FunctionError, type Parameter } from "./function.ts";

/** A parameter that takes anything, also what is not known or holds such parts. */
export const anything = (name: string): Parameter => ({ name, type: dynamicType, allowUnknown: true });

/** A parameter for a list of anything: sets and tuples become lists, the elements of one type. */
export const anyList = (name: string): Parameter => ({ name, type: listOf(dynamicType), allowUnknown: true });

/** A result that is not known before all of the values are. */
export function unknownUntil(type: Type, ...values: readonly Value[]): Value {
  return unknownValue(type, deepMarksOf(...values));
}

/** An argument that the evaluator has made sure is there. */
export function argument(args: readonly Value[], index: number): Value {
  const value = args[index];
  if (value === undefined) throw new InternalError(`argument ${index + 1} of a function is missing`);
  return value;
}

/** Elements of a list, set or tuple that is known. */
export function elementsOf(value: Value): readonly Value[] {
  if (value.kind === "sequence") return value.elements;
  throw new InternalError(`a list was expected as an argument, and came as ${value.kind}`);
}

/** Entries of a map or object that is known. */
export function entriesOf(value: Value): ReadonlyMap<string, Value> {
  if (value.kind === "record") return value.entries;
  throw new InternalError(`a map was expected as an argument, and came as ${value.kind}`);
}

/** The one type for the elements of a list, set or tuple; undefined when they have none in common. */
export function elementTypeOf(type: Type): Type | undefined {
  if (type.kind === "list" || type.kind === "set") return type.element;
  return type.kind === "tuple" ? unify(type.elements) : dynamicType;
}

/** The value in a type that it is known to convert to by its own type; text may still not be a number. Throws `FunctionError`. */
export function convertPart(value: Value, type: Type, index?: number): Value {
  try {
    return convert(value, type);
  } catch (error) {
    if (error instanceof ConversionError) throw new FunctionError(error.message, index);
    throw error;
  }
}

/** Refuses an argument whose type is known and none of these kinds. */
export function requireKind(value: Value, index: number, kinds: readonly Type["kind"][], wanted: string): void {
  if (value.type.kind === "dynamic" || kinds.includes(value.type.kind)) return;
  throw new FunctionError(`${wanted} is required, not ${nameOf(value.type)}`, index);
}

/** A type as messages name it: without what is inside. */
export function nameOf(type: Type): string {
  return type.kind === "object" ? "an object" : type.kind === "tuple" ? "a tuple" : `a ${typeText(type)}`;
}
