// Variables, attributes and indexes: `local.a.b[0]`.
import { didYouMean } from "@tspack/core";
import type { Expression, GetAttribute, GetIndex, Node, Variable } from "../syntax/tree.ts";
import { ConversionError } from "./conversion-error.ts";
import { convert } from "./convert.ts";
import type { Evaluation } from "./evaluation.ts";
import { isIntegerNumber } from "./number.ts";
import { narrowerReference, resolveReference } from "./reference.ts";
import type { EvalScope } from "./scope.ts";
import { dynamicType, numberType, stringType, type Type } from "./type.ts";
import { marksOf, type UnknownValue, unknownValue, type Value, withMarks } from "./value.ts";

/** A chain of accesses on whatever it starts from. The result may be a plain reference that the scope could resolve. */
export function followAccess(expression: Variable | GetAttribute | GetIndex, scope: EvalScope, evaluation: Evaluation): Value {
  // Not by recursion: a chain may be long.
  const steps: (GetAttribute | GetIndex)[] = [];
  let start: Expression = expression;
  while (start.kind === "get-attribute" || start.kind === "get-index") {
    steps.push(start);
    start = start.kind === "get-attribute" ? start.object : start.collection;
  }
  let value = start.kind === "variable" ? variableValue(start, scope, evaluation) : evaluation.reference(start, scope);
  for (const step of steps.reverse()) {
    if (step.kind === "get-attribute") {
      value = attributeOf(value, step.name, new StepPlace(step), evaluation);
      continue;
    }
    const key = evaluation.value(step.key, scope);
    // A key that is no step of a reference is looked up in the value itself.
    const collection = segmentOf(key) === undefined ? resolveReference(value, scope) : value;
    value = indexOf(collection, key, new StepPlace(step), evaluation);
  }
  return value;
}

/** `value.name`. `at` is the step alone, from its dot on. */
export function attributeOf(value: Value, name: string, at: Node, evaluation: Evaluation): Value {
  const { type } = value;
  if (value.kind === "null") {
    return evaluation.fail({
      code: "TPK2101",
      at,
      summary: "Attempt to get attribute from null value",
      detail: `The value is null, so it has no attribute "${name}".`,
    });
  }
  if (type.kind === "dynamic") return value.kind === "unknown" ? narrower(value, name, dynamicType) : value;
  if (type.kind === "object") {
    const attribute = type.attributes.get(name);
    if (attribute === undefined) {
      return evaluation.fail({
        code: "TPK2102",
        at,
        summary: "Unsupported attribute",
        detail: `The object has no attribute named "${name}".`,
        hint: didYouMean(name, type.attributes.keys()),
      });
    }
    return part(value, name, attribute) ?? unsupported(value, name, at, evaluation);
  }
  if (type.kind !== "map") return unsupported(value, name, at, evaluation);
  return (
    part(value, name, type.element) ??
    evaluation.fail({
      code: "TPK2102",
      at,
      summary: "Missing map element",
      detail: `The map has no element with the key "${name}".`,
      hint: value.kind === "record" && !value.sensitive ? didYouMean(name, value.entries.keys()) : undefined,
    })
  );
}

/** `collection[key]`. `at` is the step alone, with its brackets. */
export function indexOf(collection: Value, key: Value, at: Node, evaluation: Evaluation): Value {
  const invalid = (detail: string, hint?: string): UnknownValue =>
    evaluation.fail({ code: "TPK2102", at, summary: "Invalid index", detail, hint });
  if (collection.kind === "null") {
    return evaluation.fail({
      code: "TPK2101",
      at,
      summary: "Attempt to index null value",
      detail: "The value is null, so it has no elements.",
    });
  }
  if (key.kind === "null") return invalid("The key is null.");
  const { type } = collection;
  switch (type.kind) {
    case "dynamic": {
      const segment = segmentOf(key);
      if (collection.kind !== "unknown") return collection;
      if (segment === undefined) return withMarks(unknownValue(dynamicType, marksOf(collection)), key);
      return withMarks(narrower(collection, segment, dynamicType), key);
    }
    case "list":
      return elementAt(collection, key, type.element, invalid);
    case "tuple":
      return elementAt(collection, key, type.elements, invalid);
    case "map":
      return entryAt(collection, key, type.element, invalid);
    case "object":
      return entryAt(collection, key, type.attributes, invalid);
    case "set":
      return invalid("A set has no order, so its elements have no index. Make a list of it first: [for x in set : x].");
    default:
      return invalid(`A ${type.kind} has no elements.`);
  }
}

// --- internal ---

function variableValue(variable: Variable, scope: EvalScope, evaluation: Evaluation): Value {
  const { name } = variable;
  const value = scope.variable(name);
  if (value !== undefined) return value;
  const names = [...scope.variableNames()];
  const reason = scope.explainMissing?.("variable", name);
  return evaluation.fail({
    code: "TPK2102",
    at: variable,
    summary: names.length === 0 ? "Variables not allowed" : "Unknown variable",
    detail: reason ?? (names.length === 0 ? "Variables may not be used here." : `There is no variable named "${name}".`),
    hint: reason === undefined ? didYouMean(name, names) : undefined,
  });
}

/** What is inside a value, with the marks of the whole; undefined if it is not there. */
function part(value: Value, name: string, type: Type): Value | undefined {
  if (value.kind === "unknown") return narrower(value, name, type);
  const inner = value.kind === "record" ? value.entries.get(name) : undefined;
  return inner === undefined ? undefined : withMarks(inner, value);
}

/** Inside an unknown value: of a plain reference, a narrower one. */
function narrower({ reference, sensitive, waitsFor }: UnknownValue, segment: string | number, type: Type): UnknownValue {
  if (reference === undefined) return unknownValue(type, { sensitive, waitsFor });
  const inner = narrowerReference(reference, segment);
  return { ...unknownValue(type, { sensitive, waitsFor: [inner] }), reference: inner };
}

type Invalid = (detail: string, hint?: string) => UnknownValue;

function elementAt(collection: Value, key: Value, elements: Type | readonly Type[], invalid: Invalid): Value {
  const typeAt = (index: number): Type | undefined => ("kind" in elements ? elements : elements[index]);
  const number = as(key, numberType);
  if (number === undefined) return invalid("The key of a list must be a number.");
  const marks = marksOf(collection, key);
  if (number.kind !== "number") return unknownValue("kind" in elements && key.type.kind !== "dynamic" ? elements : dynamicType, marks);
  const index = number.value;
  if (!isIntegerNumber(index)) return invalid("The index of an element must be a whole number.");
  if (typeof index !== "number" || index < 0) {
    return invalid("The index of an element may not be negative.", "The last element of a list is list[length(list) - 1].");
  }
  if (collection.kind === "unknown") {
    const type = typeAt(index);
    if (type !== undefined) return withMarks(narrower(collection, index, type), key);
  }
  const element = collection.kind === "sequence" ? collection.elements[index] : undefined;
  if (element !== undefined) return withMarks(element, marks);
  const count = collection.kind === "sequence" ? collection.elements.length : elementCount(elements);
  if (marks.sensitive) return invalid("There is no element with this index.");
  return invalid(count === 0 ? "The list is empty." : `There is no element ${index}: the last one of the list is ${count - 1}.`);
}

function elementCount(elements: Type | readonly Type[]): number {
  return "kind" in elements ? 0 : elements.length;
}

function entryAt(collection: Value, key: Value, entries: Type | ReadonlyMap<string, Type>, invalid: Invalid): Value {
  const text = as(key, stringType);
  if (text === undefined) return invalid("The key of a map or object must be text.");
  const marks = marksOf(collection, key);
  if (text.kind !== "string") return unknownValue("kind" in entries && key.type.kind !== "dynamic" ? entries : dynamicType, marks);
  const name = text.value;
  const type = "kind" in entries ? entries : entries.get(name);
  const found = type === undefined ? undefined : part(collection, name, type);
  if (found !== undefined) return withMarks(found, key);
  if (marks.sensitive) return invalid("There is no element with this key.");
  const names = collection.kind === "record" ? collection.entries.keys() : [];
  return invalid(`There is no element with the key ${JSON.stringify(name)}.`, didYouMean(name, names));
}

/** Undefined if it does not convert. */
function as(value: Value, type: Type): Value | undefined {
  try {
    return convert(value, type);
  } catch (error) {
    if (error instanceof ConversionError) return undefined;
    throw error;
  }
}

function unsupported(value: Value, name: string, at: Node, evaluation: Evaluation): UnknownValue {
  const { kind } = value.type;
  const isSequence = kind === "list" || kind === "tuple" || kind === "set";
  return evaluation.fail({
    code: "TPK2102",
    at,
    summary: "Unsupported attribute",
    detail: `A ${kind} has no attributes, so there is no "${name}".`,
    hint: isSequence && kind !== "set" ? `For that attribute of one element write [0].${name}, of all elements [*].${name}.` : undefined,
  });
}

function segmentOf(key: Value): string | number | undefined {
  if (key.kind === "string") return key.value;
  return key.kind === "number" && typeof key.value === "number" && key.value >= 0 ? key.value : undefined;
}

/** The stretch of `.name` in `object.name`, or of `[key]` or `.0`: looked for when a message needs it, which is seldom. */
class StepPlace implements Node {
  readonly source: Node["source"];
  readonly end: number;
  readonly #step: GetAttribute | GetIndex;

  constructor(step: GetAttribute | GetIndex) {
    this.source = step.source;
    this.end = step.end;
    this.#step = step;
  }

  get start(): number {
    const step = this.#step;
    const [mark, behind, from] =
      step.kind === "get-attribute"
        ? [".", step.nameNode.start, step.object.end]
        : [step.isLegacy ? "." : "[", step.key.start, step.collection.end];
    return Math.max(this.source.text.lastIndexOf(mark, behind - 1), from);
  }
}
