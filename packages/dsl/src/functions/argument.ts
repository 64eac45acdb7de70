// Reading arguments of functions. The evaluator has converted them to the types of the parameters, so what does not fit is a fault of ours.
import { InternalError } from "@tspack/core";
import { isIntegerNumber, numberText, toJsNumber } from "../hcl/eval/number.ts";
import type { Value } from "../hcl/eval/value.ts";
import { FunctionError } from "./function.ts";

/** The text of an argument of type string. */
export function textOf(value: Value | undefined): string {
  if (value?.kind === "string") return value.value;
  throw new InternalError(`a string was expected as an argument, and came as ${value?.kind ?? "nothing"}`);
}

/** The whole number that an argument of type number holds. Throws `FunctionError` for a fraction and for what no index reaches. */
export function wholeNumberOf(value: Value | undefined, name: string, argument: number): number {
  if (value?.kind !== "number") throw new InternalError(`a number was expected as an argument, and came as ${value?.kind ?? "nothing"}`);
  const number = toJsNumber(value.value);
  if (!isIntegerNumber(value.value)) throw new FunctionError(`${name} must be a whole number, not ${numberText(value.value)}`, argument);
  if (!Number.isSafeInteger(number)) throw new FunctionError(`${name} is out of range`, argument);
  return number;
}
