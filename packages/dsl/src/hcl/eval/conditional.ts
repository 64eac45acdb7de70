import type { Conditional, Expression } from "../syntax/tree.ts";
import { ConversionError } from "./conversion-error.ts";
import { convert } from "./convert.ts";
import type { Evaluation } from "./evaluation.ts";
import type { EvalScope } from "./scope.ts";
import { boolType, dynamicType, type Type, typeText } from "./type.ts";
import { unify } from "./unify.ts";
import { deepMarksOf, marksOf, unknownValue, type Value, withMarks } from "./value.ts";

/**
 * `condition ? then : otherwise`. Both sides are evaluated, since the result has the type that both can become; the errors and marks of
 * the one not taken are forgotten.
 */
export function evaluateConditional(conditional: Conditional, scope: EvalScope, evaluation: Evaluation): Value {
  const then = evaluation.attempt(conditional.then, scope);
  const otherwise = evaluation.attempt(conditional.otherwise, scope);
  const type = commonType(then.value, otherwise.value);
  if (type === undefined) {
    const { source, start } = conditional.then;
    const [first, second] = [then.value.type, otherwise.value.type].map(shortType);
    return evaluation.fail({
      code: "TPK2104",
      at: { source, start, end: conditional.otherwise.end },
      summary: "Inconsistent conditional result types",
      detail: `Both results of a conditional must have a type in common. The first is ${first}, the second ${second}.`,
    });
  }
  const condition = conditionValue(conditional.condition, scope, evaluation);
  if (condition.kind !== "bool") {
    return unknownValue(type, deepMarksOf(condition, then.value, otherwise.value));
  }
  const taken = condition.value ? then : otherwise;
  evaluation.add(taken.diagnostics);
  try {
    return withMarks(convert(taken.value, type), marksOf(condition));
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    return evaluation.fail({
      code: "TPK2104",
      at: condition.value ? conditional.then : conditional.otherwise,
      summary: "Inconsistent conditional result types",
      detail: `The result must become ${shortType(type)}, as the other result of the conditional needs it: ${error.message}.`,
    });
  }
}

/** The condition of a conditional or of `%{ if }`: a bool or unknown. */
export function conditionValue(condition: Expression, scope: EvalScope, evaluation: Evaluation): Value {
  const value = evaluation.value(condition, scope);
  if (value.kind === "null") {
    return evaluation.fail({
      code: "TPK2101",
      at: condition,
      summary: "Null condition",
      detail: "The condition is null. It must be true or false.",
    });
  }
  try {
    return convert(value, boolType);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    return evaluation.fail({
      code: "TPK2104",
      at: condition,
      summary: "Incorrect condition type",
      detail: `The condition must be true or false: ${error.message}.`,
    });
  }
}

// --- internal ---

/** A null without a type takes the other's; with an unknown of unknown type each keeps its own. */
function commonType(a: Value, b: Value): Type | undefined {
  if (a.kind === "null" && a.type.kind === "dynamic") return b.type;
  if (b.kind === "null" && b.type.kind === "dynamic") return a.type;
  if (a.type.kind === "dynamic" || b.type.kind === "dynamic") return dynamicType;
  return unify([a.type, b.type]);
}

function shortType(type: Type): string {
  if (type.kind === "tuple") return `a tuple of ${type.elements.length}`;
  if (type.kind === "object") {
    const names = [...type.attributes.keys()];
    const shown = names.slice(0, 5).join(", ");
    return names.length === 0 ? "an empty object" : `an object with ${shown}${names.length > 5 ? ", …" : ""}`;
  }
  return `a ${typeText(type).slice(0, 100)}`;
}
