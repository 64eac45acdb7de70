import type { Node, Splat, SplatStep } from "../syntax/tree.ts";
import { attributeOf, indexOf } from "./access.ts";
import type { Evaluation } from "./evaluation.ts";
import type { EvalScope } from "./scope.ts";
import { dynamicType, listOf, sameType } from "./type.ts";
import { deepMarksOf, listValue, marksOf, tupleValue, unknownValue, type Value, withMarks } from "./value.ts";

/** `list[*].a`, `list.*.a`. What is no list is one of one element, null one of none. */
export function evaluateSplat({ collection, each, ...at }: Splat, scope: EvalScope, evaluation: Evaluation): Value {
  return splatOf(evaluation.value(collection, scope), each, collection, { at, scope, evaluation });
}

// --- internal ---

interface Context {
  /** The splat as a whole. */
  readonly at: Node;
  readonly scope: EvalScope;
  readonly evaluation: Evaluation;
}

/** `from` is what gave the collection, for messages. */
function splatOf(collection: Value, steps: readonly SplatStep[], from: Node, context: Context): Value {
  const { evaluation, at } = context;
  const isList = collection.type.kind === "list" || collection.type.kind === "set";
  const elementType = "element" in collection.type && isList ? collection.type.element : dynamicType;
  const marks = marksOf(collection);
  const each = (item: Value): Value => throughSteps(item, steps, context);
  if (collection.kind === "null") {
    if (!isList && collection.type.kind !== "tuple") return withMarks(tupleValue([]), marks);
    return evaluation.fail({
      code: "TPK2101",
      at: from,
      summary: "Splat of null value",
      detail: "The list is null, so it has no elements to go through.",
    });
  }
  if (collection.kind === "unknown") {
    // One element is looked at, for errors and for what it waits for.
    const item = each(unknownValue(elementType, marks));
    return unknownValue(isList ? listOf(item.type) : dynamicType, deepMarksOf(collection, item));
  }
  if (collection.kind !== "sequence") return tupleValue([each(collection)]);
  evaluation.spend(collection.elements.length, at);
  const items = collection.elements.map(each);
  const type = isList ? (items[0] ?? each(unknownValue(elementType))).type : undefined;
  const isUniform = type !== undefined && items.every((item) => sameType(item.type, type));
  return evaluation.bounded(withMarks(isUniform ? listValue(type, items) : tupleValue(items), marks), at);
}

function throughSteps(item: Value, steps: readonly SplatStep[], context: Context): Value {
  const { scope, evaluation } = context;
  let value = item;
  for (const step of steps) {
    if (step.kind === "attribute") value = attributeOf(value, step.name, step, evaluation);
    else if (step.kind === "index") value = indexOf(value, evaluation.value(step.key, scope), step, evaluation);
    else value = splatOf(value, step.each, step, context);
  }
  return value;
}
