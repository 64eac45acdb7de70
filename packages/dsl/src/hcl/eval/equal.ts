import { equalNumbers, numberKey } from "./number.ts";
import { boolType, type Type } from "./type.ts";
import { boolValue, deepMarksOf, sortedEntries, unknownValue, type Value, withMarks } from "./value.ts";

/**
 * Whether two values are equal, as `==` has it: of different types they are not; all nulls are. Unknown while that depends on
 * something unknown. Sensitive if anything in either is.
 */
export function equalValues(a: Value, b: Value): Value {
  const { sensitive, waitsFor } = deepMarksOf(a, b);
  const answer = compare(a, b);
  return answer === undefined ? unknownValue(boolType, { sensitive, waitsFor }) : withMarks(boolValue(answer), { sensitive });
}

/** Text that is the same for equal, wholly known values alone (of types that have been made the same). */
export function keyOf(value: Value): string {
  switch (value.kind) {
    case "string":
      return JSON.stringify(value.value);
    case "number":
      return numberKey(value.value);
    case "bool":
      return String(value.value);
    case "sequence":
      return `[${value.elements.map(keyOf).join(",")}]`;
    case "record":
      return `{${sortedEntries(value)
        .map(([name, item]) => `${JSON.stringify(name)}:${keyOf(item)}`)
        .join(",")}}`;
    default:
      return value.kind;
  }
}

// --- internal ---

/** Undefined where the answer is not known. */
function compare(a: Value, b: Value): boolean | undefined {
  if (a.kind === "unknown" || b.kind === "unknown") return undefined;
  if (a.kind === "null" || b.kind === "null") return a.kind === b.kind;
  if (!mayBeSame(a.type, b.type)) return false;
  switch (a.kind) {
    case "number":
      return b.kind === "number" && equalNumbers(a.value, b.value);
    case "string":
    case "bool":
      return b.kind === a.kind && a.value === b.value;
    case "sequence":
      if (b.kind !== "sequence" || a.elements.length !== b.elements.length) return false;
      return all(a.elements.map((element, index) => [element, b.elements[index]]));
    case "record":
      if (b.kind !== "record" || a.entries.size !== b.entries.size) return false;
      return all([...a.entries].map(([name, item]) => [item, b.entries.get(name)]));
  }
}

function all(pairs: readonly (readonly [Value, Value | undefined])[]): boolean | undefined {
  let answer: boolean | undefined = true;
  for (const [a, b] of pairs) {
    const equal = b === undefined ? false : compare(a, b);
    if (equal === false) return false;
    if (equal === undefined) answer = undefined;
  }
  return answer;
}

/** False if the types differ whatever the unknown parts will be. */
function mayBeSame(a: Type, b: Type): boolean {
  if (a === b || a.kind === "dynamic" || b.kind === "dynamic") return true;
  switch (a.kind) {
    case "list":
    case "set":
    case "map":
      return b.kind === a.kind && mayBeSame(a.element, b.element);
    case "tuple":
      return (
        b.kind === "tuple" &&
        a.elements.length === b.elements.length &&
        a.elements.every((element, index) => mayBeSame(element, b.elements[index] ?? element))
      );
    case "object": {
      if (b.kind !== "object" || a.attributes.size !== b.attributes.size) return false;
      for (const [name, type] of a.attributes) {
        const other = b.attributes.get(name);
        if (other === undefined || !mayBeSame(type, other)) return false;
      }
      return true;
    }
    default:
      return a.kind === b.kind;
  }
}
