import type { Diagnostic } from "@tspack/core";
import type { Expression } from "../syntax/tree.ts";
import { followAccess } from "./access.ts";
import { evaluateCall } from "./call.ts";
import { evaluateConditional } from "./conditional.ts";
import { Evaluation, Exhausted } from "./evaluation.ts";
import { evaluateFor } from "./for.ts";
import { evaluateNumber, evaluateObject, evaluateTuple } from "./literal.ts";
import { evaluateBinary, evaluateUnary } from "./operator.ts";
import type { EvalScope } from "./scope.ts";
import { evaluateSplat } from "./splat.ts";
import { evaluateTemplate } from "./template.ts";
import { dynamicType } from "./type.ts";
import { boolValue, nullValue, unknownValue, type Value } from "./value.ts";

/** What came of an expression. With errors among the diagnostics, the value is unknown where the errors were. */
export interface Evaluated {
  readonly value: Value;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Evaluates an expression. A plain reference (`data.http.x`) stays one even where the scope could resolve it, so that going further into
 * it stays possible: see `resolveReference`. Throws only faults of ours, and `Pending` (functions/function.ts).
 */
export function evaluate(expression: Expression, scope: EvalScope): Evaluated {
  const evaluation = new Evaluation(evaluateNode);
  try {
    const value = evaluation.reference(expression, scope);
    return { value, diagnostics: evaluation.diagnostics };
  } catch (error) {
    if (!(error instanceof Exhausted)) throw error;
    return { value: evaluation.fail(error.problem), diagnostics: evaluation.diagnostics };
  }
}

// --- internal ---

/** By kind of expression. References come back as references: `Evaluation.value` resolves them. */
function evaluateNode(expression: Expression, scope: EvalScope, evaluation: Evaluation): Value {
  switch (expression.kind) {
    case "number":
      return evaluateNumber(expression, evaluation);
    case "bool":
      return boolValue(expression.value);
    case "null":
      return nullValue();
    case "template":
      return evaluateTemplate(expression, scope, evaluation);
    case "variable":
    case "get-attribute":
    case "get-index":
      return followAccess(expression, scope, evaluation);
    case "splat":
      return evaluateSplat(expression, scope, evaluation);
    case "call":
      return evaluateCall(expression, scope, evaluation);
    case "unary":
      return evaluateUnary(expression, scope, evaluation);
    case "binary":
      return evaluateBinary(expression, scope, evaluation);
    case "conditional":
      return evaluateConditional(expression, scope, evaluation);
    case "tuple":
      return evaluateTuple(expression, scope, evaluation);
    case "object":
      return evaluateObject(expression, scope, evaluation);
    case "for":
      return evaluateFor(expression, scope, evaluation);
    case "parentheses":
      return evaluation.reference(expression.value, scope);
    case "missing":
      return unknownValue(dynamicType);
  }
}
