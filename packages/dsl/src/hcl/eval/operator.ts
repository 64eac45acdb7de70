// Unary and binary operators.
import type { Binary, BinaryOperator, Expression, Unary } from "../syntax/tree.ts";
import { ConversionError } from "./conversion-error.ts";
import { convert } from "./convert.ts";
import { equalValues } from "./equal.ts";
import type { Evaluation } from "./evaluation.ts";
import {
  addNumbers,
  type BigNumber,
  compareNumbers,
  divideNumbers,
  moduloNumbers,
  multiplyNumbers,
  NumberError,
  negateNumber,
  subtractNumbers,
} from "./number.ts";
import type { EvalScope } from "./scope.ts";
import { boolType, numberType, type Type } from "./type.ts";
import { boolValue, deepMarksOf, numberValue, unknownValue, type Value, withMarks } from "./value.ts";

export function evaluateUnary({ operator, operand }: Unary, scope: EvalScope, evaluation: Evaluation): Value {
  const type = operator === "-" ? numberType : boolType;
  const value = operandAs(evaluation.value(operand, scope), type, operand, evaluation);
  if (value.kind === "number") return withMarks(numberValue(negateNumber(value.value)), value);
  if (value.kind === "bool") return withMarks(boolValue(!value.value), value);
  return value;
}

export function evaluateBinary(binary: Binary, scope: EvalScope, evaluation: Evaluation): Value {
  // Not by recursion to the left: `a + b + c …` may be long.
  const chain: Binary[] = [];
  let first: Expression = binary;
  for (; first.kind === "binary"; first = first.left) chain.push(first);
  let value = evaluation.value(first, scope);
  for (const node of chain.reverse()) {
    evaluation.spend(1, node);
    value = isLogical(node.operator) ? logical(node, value, scope, evaluation) : apply(node, value, scope, evaluation);
  }
  return value;
}

// --- internal ---

function isLogical(operator: BinaryOperator): boolean {
  return operator === "&&" || operator === "||";
}

/** A side that decides alone makes the other one, and its errors, not matter. */
function logical(node: Binary, leftValue: Value, scope: EvalScope, evaluation: Evaluation): Value {
  const decisive = node.operator === "||";
  const left = operandAs(leftValue, boolType, node.left, evaluation);
  if (left.kind === "bool" && left.value === decisive) return left;
  const right = operandAs(evaluation.value(node.right, scope), boolType, node.right, evaluation);
  const { sensitive, waitsFor } = deepMarksOf(left, right);
  if (right.kind === "bool" && (right.value === decisive || left.kind === "bool")) {
    return withMarks(right, { sensitive, waitsFor: left.kind === "bool" ? waitsFor : [] });
  }
  return unknownValue(boolType, { sensitive, waitsFor });
}

function apply(node: Binary, leftValue: Value, scope: EvalScope, evaluation: Evaluation): Value {
  const rightValue = evaluation.value(node.right, scope);
  const { operator } = node;
  if (operator === "==") return equalValues(leftValue, rightValue);
  if (operator === "!=") {
    const equal = equalValues(leftValue, rightValue);
    return equal.kind === "bool" ? withMarks(boolValue(!equal.value), equal) : equal;
  }
  const left = operandAs(leftValue, numberType, node.left, evaluation);
  const right = operandAs(rightValue, numberType, node.right, evaluation);
  const marks = deepMarksOf(left, right);
  if (left.kind !== "number" || right.kind !== "number") return unknownValue(isArithmetic(operator) ? numberType : boolType, marks);
  try {
    return withMarks(calculate(operator, left.value, right.value), marks);
  } catch (error) {
    if (!(error instanceof NumberError)) throw error;
    evaluation.fail({
      code: error.reason === "range" ? "TPK2003" : "TPK2101",
      at: node,
      summary: "Operation failed",
      detail: `This cannot be worked out: ${error.message}.`,
    });
    return unknownValue(numberType);
  }
}

function isArithmetic(operator: BinaryOperator): boolean {
  return ["+", "-", "*", "/", "%"].includes(operator);
}

function calculate(operator: BinaryOperator, a: BigNumber, b: BigNumber): Value {
  switch (operator) {
    case "+":
      return numberValue(addNumbers(a, b));
    case "-":
      return numberValue(subtractNumbers(a, b));
    case "*":
      return numberValue(multiplyNumbers(a, b));
    case "/":
      return numberValue(divideNumbers(a, b));
    case "%":
      return numberValue(moduloNumbers(a, b));
    case "<":
      return boolValue(compareNumbers(a, b) < 0);
    case ">":
      return boolValue(compareNumbers(a, b) > 0);
    case "<=":
      return boolValue(compareNumbers(a, b) <= 0);
    default:
      return boolValue(compareNumbers(a, b) >= 0);
  }
}

/** The operand as the type that the operator needs; unknown if it cannot be. */
function operandAs(value: Value, type: Type, at: Expression, evaluation: Evaluation): Value {
  const refused = (detail: string): Value => {
    evaluation.fail({ code: "TPK2104", at, summary: "Invalid operand", detail });
    return unknownValue(type);
  };
  if (value.kind === "null") return refused("The value is null, and the operator needs one that is not.");
  try {
    return convert(value, type);
  } catch (error) {
    if (error instanceof ConversionError) return refused(`The value does not suit the operator: ${error.message}.`);
    throw error;
  }
}
