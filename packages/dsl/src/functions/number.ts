// Functions on numbers (row FUN-01). Where the reference keeps 512 bits, so do these; `log` and `pow` go through 64-bit floats, as there.
import { InternalError } from "@tspack/core";
import { ConversionError } from "../hcl/eval/conversion-error.ts";
import { convert } from "../hcl/eval/convert.ts";
import {
  addNumbers,
  type BigNumber,
  ceilNumber,
  compareNumbers,
  floorNumber,
  NumberError,
  negateNumber,
  numberFrom,
  toJsNumber,
} from "../hcl/eval/number.ts";
import { dynamicType, numberType } from "../hcl/eval/type.ts";
import { numberValue, type Value } from "../hcl/eval/value.ts";
import { FunctionError, type HclFunction, type Parameter } from "./function.ts";
import { define, lift, readInteger, requireArgument, whole, wholeResult } from "./lift.ts";

/**
 * -1, 0 or 1: the sign of a whole number. Fractions are refused, as by the reference.
 *
 * @example signum(-13) // -1
 */
export function signum(number: number): number {
  return Math.sign(number);
}

export const numberFunctions: readonly HclFunction[] = [
  onNumber("abs", "The number without its sign.", ["abs(-1.5)", "1.5"], (number) =>
    compareNumbers(number, 0) < 0 || Object.is(number, -0) ? negateNumber(number) : number,
  ),
  onNumber("ceil", "The smallest whole number that is not less.", ["ceil(5.1)", "6"], ceilNumber),
  onNumber("floor", "The largest whole number that is not greater.", ["floor(4.9)", "4"], floorNumber),
  onFloats(
    "log",
    ["number", "base"],
    "The logarithm of a number in a base.",
    ["log(16, 2)", "4"],
    (number, base) => Math.log(number) / Math.log(base),
  ),
  onFloats("pow", ["number", "power"], "A number raised to a power.", ["pow(3, 2)", "9"], (number, power) =>
    // Go says that one to any power is one; JavaScript makes an exception of infinity.
    number === 1 || (number === -1 && !Number.isFinite(power)) ? 1 : number ** power,
  ),
  pick("max", "The largest of the numbers.", ["max(12, 54, 3)", "54"], (difference) => difference > 0),
  pick("min", "The smallest of the numbers.", ["min(12, 54, 3)", "3"], (difference) => difference < 0),
  define({
    name: "parseint",
    parameters: [
      { name: "number", type: dynamicType },
      { name: "base", type: numberType },
    ],
    returns: numberType,
    summary: "The whole number that digits in a base from 2 to 62 stand for.",
    examples: [
      ['parseint("FF", 16)', "255"],
      ['parseint("1011", 2)', "11"],
    ],
    call(args) {
      const digits = requireArgument(args, 0);
      if (digits.kind !== "string") throw new FunctionError(`the number must be given as text, not as ${digits.type.kind}`, 0);
      const base = Number(readInteger(requireArgument(args, 1), "base", 1));
      if (base < 2 || base > 62) throw new FunctionError("base must be a whole number from 2 to 62", 1);
      return numberValue(inRange(() => numberFrom(parseDigits(digits.value, base))));
    },
  }),
  lift({
    name: "signum",
    parameters: [whole("number")],
    result: wholeResult,
    summary: "The sign of a whole number: -1, 0 or 1.",
    examples: [["signum(-13)", "-1"]],
    body: signum,
  }),
  define({
    name: "sum",
    parameters: [{ name: "numbers", type: dynamicType }],
    returns: numberType,
    summary: "The sum of a list or set of numbers.",
    examples: [["sum([10, 13, 6, 4.5])", "33.5"]],
    call(args) {
      const list = requireArgument(args, 0);
      if (list.kind !== "sequence") throw new FunctionError("a list, set or tuple of numbers is required", 0);
      if (list.elements.length === 0) throw new FunctionError("an empty list has no sum", 0);
      const numbers = list.elements.map(elementNumber);
      return numberValue(inRange(() => numbers.reduce(addNumbers)));
    },
  }),
];

// --- internal ---

type Example = readonly [code: string, result: string];

function numberParameter(name: string): Parameter {
  return { name, type: numberType };
}

function onNumber(name: string, summary: string, example: Example, change: (number: BigNumber) => BigNumber): HclFunction {
  return define({
    name,
    parameters: [numberParameter("number")],
    returns: numberType,
    summary,
    examples: [example],
    call: (args) => numberValue(inRange(() => change(readNumber(requireArgument(args, 0))))),
  });
}

function onFloats(
  name: string,
  parameters: readonly string[],
  summary: string,
  example: Example,
  compute: (a: number, b: number) => number,
): HclFunction {
  return define({
    name,
    parameters: parameters.map(numberParameter),
    returns: numberType,
    summary,
    examples: [example],
    call(args) {
      const [a = 0, b = 0] = args.map((value) => toJsNumber(readNumber(value)));
      const result = compute(a, b);
      if (Number.isNaN(result)) throw new FunctionError("there is no such number");
      return numberValue(inRange(() => numberFrom(result + 0)));
    },
  });
}

function pick(name: string, summary: string, example: Example, isBetter: (difference: number) => boolean): HclFunction {
  return define({
    name,
    parameters: [],
    variadic: numberParameter("numbers"),
    returns: numberType,
    summary,
    examples: [example],
    call(args) {
      const numbers = args.map(readNumber);
      if (numbers.length === 0) throw new FunctionError("at least one number is required");
      return numberValue(numbers.reduce((best, next) => (isBetter(compareNumbers(next, best)) ? next : best)));
    },
  });
}

function readNumber(value: Value): BigNumber {
  if (value.kind === "number") return value.value;
  throw new InternalError(`a function got ${value.kind} where a number was promised`);
}

function elementNumber(element: Value, index: number): BigNumber {
  const isPrimitive = element.kind === "number" || element.kind === "string";
  try {
    if (isPrimitive) return readNumber(convert(element, numberType));
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
  }
  throw new FunctionError(`element ${index} is not a number`, 0);
}

/** Refuses what arithmetic cannot hold. */
function inRange<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof NumberError) throw new FunctionError(error.message);
    throw error;
  }
}

/** More digits than any number may have. */
const MOST_DIGITS = 40_000;

/** Up to base 36 letters count in either case; beyond it lower case comes first. */
function parseDigits(text: string, base: number): bigint {
  const [, sign = "", digits = ""] = /^([-+]?)([0-9A-Za-z]+)$/.exec(text) ?? [];
  if (digits.length > MOST_DIGITS) throw new FunctionError(`the number has more than ${MOST_DIGITS} digits`, 0);
  let result = 0n;
  for (const digit of digits) {
    const value = digitValue(digit, base);
    if (value >= base) return notDigits(text, base);
    result = result * BigInt(base) + BigInt(value);
  }
  if (digits === "") return notDigits(text, base);
  return sign === "-" ? -result : result;
}

function digitValue(digit: string, base: number): number {
  if (digit >= "0" && digit <= "9") return Number(digit);
  const isUpper = digit >= "A" && digit <= "Z";
  const letter = digit.toLowerCase().charCodeAt(0) - 97;
  return base > 36 && isUpper ? letter + 36 : letter + 10;
}

function notDigits(text: string, base: number): never {
  throw new FunctionError(`"${text.slice(0, 100)}" is no whole number in base ${base}`, 0);
}
