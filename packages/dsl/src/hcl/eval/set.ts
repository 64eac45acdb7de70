import { keyOf } from "./equal.ts";
import { compareNumbers } from "./number.ts";
import { setOf, type Type } from "./type.ts";
import { compareText, deepMarksOf, isWhollyKnown, sortedSetValue, unknownValue, type Value, withMarks } from "./value.ts";

/**
 * A set of elements that have the type already: sorted as cty sorts it (text by bytes, numbers by size, false before true, null last),
 * each once. An unknown element makes the whole set unknown, since it may equal another one; marks of elements go to the set.
 */
export function setFrom(element: Type, elements: readonly Value[]): Value {
  const marks = deepMarksOf(...elements);
  if (!elements.every(isWhollyKnown)) return unknownValue(setOf(element), marks);
  const each = new Map(elements.map((one) => [keyOf(one), one]));
  const sorted = [...each].sort(([keyA, a], [keyB, b]) => compareElements(a, b) || compareText(keyA, keyB)).map(([, one]) => one);
  return withMarks(sortedSetValue(element, sorted), marks);
}

// --- internal ---

function compareElements(a: Value, b: Value): number {
  if (a.kind === "null" || b.kind === "null") return Number(a.kind === "null") - Number(b.kind === "null");
  if (a.kind === "string" && b.kind === "string") return compareText(a.value, b.value);
  if (a.kind === "number" && b.kind === "number") return compareNumbers(a.value, b.value);
  if (a.kind === "bool" && b.kind === "bool") return Number(a.value) - Number(b.value);
  return 0;
}
