import { InternalError } from "@tspack/core";
import { addNumbers, type BigNumber, compareNumbers, isInfinite } from "../hcl/eval/number.ts";
import { listOf, numberType } from "../hcl/eval/type.ts";
import { listValue, numberValue } from "../hcl/eval/value.ts";
import { FunctionError, type HclFunction } from "./function.ts";

/** As many values as the reference gives at most. */
const mostValues = 1024;

/** `range`: numbers from a start (0) to before an end, by a step (1, or -1 when it goes down). */
export const range: HclFunction = {
  name: "range",
  parameters: [],
  variadic: { name: "params", type: numberType },
  returns: () => listOf(numberType),
  call(args) {
    const [start, end, step] = boundsOf(
      args.map((value) => {
        if (value.kind === "number") return value.value;
        throw new InternalError(`a number was expected as an argument, and came as ${value.kind}`);
      }),
    );
    if ([start, end, step].some(isInfinite)) throw new FunctionError("infinity is no bound of a range");
    const direction = compareNumbers(step, 0);
    if (direction === 0) throw new FunctionError("the step must not be zero", 2);
    const order = compareNumbers(end, start);
    if (order !== 0 && Math.sign(order) !== Math.sign(direction)) {
      throw new FunctionError(
        direction < 0
          ? "the end must be less than the start when the step is negative"
          : "the end must be greater than the start when the step is positive",
        1,
      );
    }
    const numbers: BigNumber[] = [];
    for (let next = start; compareNumbers(end, next) * direction > 0; next = addNumbers(next, step)) {
      if (numbers.length === mostValues) {
        throw new FunctionError(`the range has more than ${mostValues} values; move its ends together, or use a larger step`);
      }
      numbers.push(next);
    }
    return listValue(numberType, numbers.map(numberValue));
  },
  doc: {
    summary: "Numbers from a start (0) to before an end, by a step (1). At most 1024 of them.",
    signature: "range(end), range(start, end), range(start, end, step)",
    examples: [
      { code: "range(3)", result: "[0,1,2]" },
      { code: "range(1, 8, 3)", result: "[1,4,7]" },
      { code: "range(2, 0)", result: "[2,1]" },
    ],
  },
};

// --- internal ---

function boundsOf(numbers: readonly BigNumber[]): readonly [BigNumber, BigNumber, BigNumber] {
  const [first, second, third] = numbers;
  if (first === undefined || numbers.length > 3) throw new FunctionError("one, two or three arguments are required");
  const [start, end] = second === undefined ? [0, first] : [first, second];
  return [start, end, third ?? (compareNumbers(end, start) < 0 ? -1 : 1)];
}
