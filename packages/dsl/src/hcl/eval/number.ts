// HCL's numbers: binary floats of 512 bits, rounded half to even, as the reference keeps them.

/** A number. A JavaScript number while it is a safe integer (or -0), so that the common case costs nothing; a `BigFloat` otherwise. */
export type BigNumber = number | BigFloat;

/**
 * `mantissa × 2^exponent`, the mantissa rounded to 512 bits and odd, so that equal numbers have equal fields; infinities have the
 * mantissa ±1 and `isInfinite`. Zero is never one.
 */
export interface BigFloat {
  readonly mantissa: bigint;
  readonly exponent: number;
  readonly isInfinite?: boolean | undefined;
}

/** An operation that has no result: `0 / 0` (`undefined`), or a number too large or too small to handle (`range`). */
export class NumberError extends Error {
  readonly reason: "undefined" | "range";
  constructor(reason: "undefined" | "range", message: string) {
    super(message);
    this.name = "NumberError";
    this.reason = reason;
  }
}

/** Reads decimal text: sign, digits, fraction, exponent. Undefined if it is no number. Throws `NumberError` beyond the range. */
export function parseNumber(text: string): BigNumber | undefined {
  const parts = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign = "", whole = "", fraction = parts[4] ?? "", , exponentText = "0"] = parts;
  const isNegative = sign === "-";
  if (whole.length < 16 && fraction === "" && exponentText === "0") return isNegative ? -Number(whole) : Number(whole);
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return isNegative ? -0 : 0;
  const exponent = Number(exponentText) - fraction.length;
  if (digits.length > DIGIT_LIMIT || Math.abs(exponent) > DIGIT_LIMIT) throw outOfRange();
  const mantissa = BigInt(digits) * (isNegative ? -1n : 1n);
  return exponent >= 0 ? rounded(mantissa * 10n ** BigInt(exponent), 0) : quotient(mantissa, 10n ** BigInt(-exponent), 0);
}

/** A number from one of JavaScript's, by its shortest decimal text: 0.1 is one tenth. Throws `NumberError` for NaN. */
export function numberFrom(value: number | bigint): BigNumber {
  if (typeof value === "bigint") return rounded(value, 0);
  if (Number.isSafeInteger(value)) return value;
  if (Number.isNaN(value)) throw new NumberError("undefined", "the value is not a number");
  if (!Number.isFinite(value)) return value > 0 ? positiveInfinity : negativeInfinity;
  return parseNumber(String(value)) ?? 0;
}

/** The nearest JavaScript number. */
export function toJsNumber(value: BigNumber): number {
  if (typeof value === "number") return value;
  return value.isInfinite === true ? Number(value.mantissa) * Number.POSITIVE_INFINITY : Number(numberText(value));
}

/** The JavaScript number that has the same decimal text; undefined when there is none, as for 1/3 or 2^60 + 1. */
export function exactJsNumber(value: BigNumber): number | undefined {
  if (typeof value === "number") return value;
  const near = toJsNumber(value);
  return Number.isFinite(near) && equalNumbers(numberFrom(near), value) ? near : undefined;
}

/** The integer as a bigint; undefined when the number is none. */
export function toBigInt(value: BigNumber): bigint | undefined {
  if (typeof value === "number") return BigInt(value);
  return value.isInfinite === true || value.exponent < 0 ? undefined : value.mantissa << BigInt(value.exponent);
}

/** The sum. Throws `NumberError` for infinities of opposite signs. */
export function addNumbers(a: BigNumber, b: BigNumber): BigNumber {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  if (isInfinite(a) || isInfinite(b)) {
    if (isInfinite(a) && isInfinite(b) && signOf(a) !== signOf(b)) throw notANumber("adding infinities of opposite signs");
    return isInfinite(a) ? a : b;
  }
  if (a === 0) return b;
  if (b === 0) return a;
  const x = floatOf(a);
  const y = floatOf(b);
  // What is so much smaller that it cannot change a rounded sum is left out: no giant shifts.
  const gap = x.exponent + bitLength(x.mantissa) - (y.exponent + bitLength(y.mantissa));
  if (gap > 2 * PRECISION + 8) return a;
  if (gap < -2 * PRECISION - 8) return b;
  const exponent = Math.min(x.exponent, y.exponent);
  return rounded((x.mantissa << BigInt(x.exponent - exponent)) + (y.mantissa << BigInt(y.exponent - exponent)), exponent);
}

/** The difference. Throws `NumberError` for equal infinities. */
export function subtractNumbers(a: BigNumber, b: BigNumber): BigNumber {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return addNumbers(a, negateNumber(b));
}

/** The product. Throws `NumberError` for zero times infinity. */
export function multiplyNumbers(a: BigNumber, b: BigNumber): BigNumber {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product;
  }
  if (isInfinite(a) || isInfinite(b)) {
    if (a === 0 || b === 0) throw notANumber("multiplying zero by infinity");
    return signOf(a) === signOf(b) ? positiveInfinity : negativeInfinity;
  }
  if (a === 0 || b === 0) return signOf(a) === signOf(b) ? 0 : -0;
  const x = floatOf(a);
  const y = floatOf(b);
  return rounded(x.mantissa * y.mantissa, x.exponent + y.exponent);
}

/** The quotient; by zero it is infinite. Throws `NumberError` for 0 / 0 and infinity / infinity. */
export function divideNumbers(a: BigNumber, b: BigNumber): BigNumber {
  if (typeof a === "number" && typeof b === "number" && b !== 0 && a % b === 0) return a / b;
  if (isInfinite(b)) {
    if (isInfinite(a)) throw notANumber("dividing infinity by infinity");
    return signOf(a) === signOf(b) ? 0 : -0;
  }
  if (b === 0 && a === 0) throw notANumber("dividing zero by zero");
  if (b === 0 || isInfinite(a)) return signOf(a) === signOf(b) ? positiveInfinity : negativeInfinity;
  const x = floatOf(a);
  const y = floatOf(b);
  return quotient(x.mantissa, y.mantissa, x.exponent - y.exponent);
}

/** What is left of a division that is cut to a whole number, with the sign of the dividend. Modulo zero is the dividend itself. */
export function moduloNumbers(a: BigNumber, b: BigNumber): BigNumber {
  if (isInfinite(a) || isInfinite(b)) return multiplyNumbers(a, b);
  if (b === 0) return a;
  // Zero comes without a sign.
  if (typeof a === "number" && typeof b === "number") return (a % b) + 0;
  // By way of the rounded quotient, as the reference does it: its result is seen in the last digits.
  return subtractNumbers(a, multiplyNumbers(b, truncateNumber(divideNumbers(a, b))));
}

/** The number with its sign changed; of 0 it is -0. */
export function negateNumber(value: BigNumber): BigNumber {
  return typeof value === "number" ? -value : { ...value, mantissa: -value.mantissa };
}

/** Negative when a is less than b, zero when equal. */
export function compareNumbers(a: BigNumber, b: BigNumber): number {
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
  if (isInfinite(a) || isInfinite(b)) {
    const rank = (value: BigNumber): number => (isInfinite(value) ? signOf(value) : 0);
    return rank(a) - rank(b);
  }
  const difference = subtractNumbers(a, b);
  return difference === 0 ? 0 : signOf(difference);
}

/** True if both are the same number. */
export function equalNumbers(a: BigNumber, b: BigNumber): boolean {
  if (typeof a === "number" || typeof b === "number") return a === b;
  return a.mantissa === b.mantissa && a.exponent === b.exponent && isInfinite(a) === isInfinite(b);
}

/** Text that is the same for equal numbers alone; for keys of maps. */
export function numberKey(value: BigNumber): string {
  if (typeof value === "number") return String(value + 0);
  return value.isInfinite === true ? numberText(value) : `${value.mantissa.toString(36)}p${value.exponent}`;
}

/** True if there is no fraction; infinities are no integers. */
export function isIntegerNumber(value: BigNumber): boolean {
  return typeof value === "number" || (value.isInfinite !== true && value.exponent >= 0);
}

/** The largest integer that is not greater. Infinities stay. */
export function floorNumber(value: BigNumber): BigNumber {
  if (typeof value === "number" || value.isInfinite === true || value.exponent >= 0) return value;
  // A right shift rounds down, for negative ones too.
  return rounded(value.mantissa >> BigInt(-value.exponent), 0);
}

/** The smallest integer that is not less. Infinities stay. */
export function ceilNumber(value: BigNumber): BigNumber {
  if (typeof value === "number") return value;
  const result = negateNumber(floorNumber(negateNumber(value)));
  return result === 0 ? 0 : result;
}

/** The number without its fraction. Infinities stay. */
export function truncateNumber(value: BigNumber): BigNumber {
  return signOf(value) < 0 ? ceilNumber(value) : floorNumber(value);
}

/** True for both infinities. */
export function isInfinite(value: BigNumber): boolean {
  return typeof value !== "number" && value.isInfinite === true;
}

/** Plain decimal text, never with an exponent: the shortest that reads back as the same number of 512 bits. `+Inf`, `-Inf`. */
export function numberText(value: BigNumber): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  const sign = value.mantissa < 0n ? "-" : "";
  if (value.isInfinite === true) return sign === "-" ? "-Inf" : "+Inf";
  const mantissa = magnitude(value.mantissa);
  return sign + (briefText(mantissa, value.exponent) ?? shortestText(mantissa, value.exponent));
}

// --- internal ---

const PRECISION = 512;
/** Numbers beyond 2^±EXPONENT_LIMIT are refused: their decimal text alone would be longer than any template. */
const EXPONENT_LIMIT = 33_219;
const DIGIT_LIMIT = 10_000;

const positiveInfinity: BigFloat = { mantissa: 1n, exponent: 0, isInfinite: true };
const negativeInfinity: BigFloat = { mantissa: -1n, exponent: 0, isInfinite: true };

function outOfRange(): NumberError {
  return new NumberError("range", "the number has too many digits");
}

function notANumber(what: string): NumberError {
  return new NumberError("undefined", `${what} gives no number`);
}

function signOf(value: BigNumber): 1 | -1 {
  if (typeof value === "number") return value < 0 || Object.is(value, -0) ? -1 : 1;
  return value.mantissa < 0n ? -1 : 1;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function bitLength(value: bigint): number {
  const text = magnitude(value).toString(16);
  return (text.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(text.charAt(0), 16)));
}

function floatOf(value: BigNumber): BigFloat {
  return typeof value === "number" ? { mantissa: BigInt(value), exponent: 0 } : value;
}

/** `mantissa × 2^exponent` rounded to 512 bits, in its one form. `hasRest` says that the true value is a little further from zero. */
function rounded(mantissa: bigint, exponent: number, hasRest = false): BigNumber {
  if (mantissa === 0n) return 0;
  let digits = magnitude(mantissa);
  let power = exponent;
  const excess = bitLength(digits) - PRECISION;
  if (excess > 0) {
    const shift = BigInt(excess);
    const rest = digits & ((1n << shift) - 1n);
    const half = 1n << (shift - 1n);
    digits >>= shift;
    power += excess;
    if (rest > half || (rest === half && (hasRest || (digits & 1n) === 1n))) digits += 1n;
  }
  const zeros = bitLength(digits & -digits) - 1;
  digits >>= BigInt(zeros);
  power += zeros;
  if (Math.abs(power + bitLength(digits)) > EXPONENT_LIMIT) throw outOfRange();
  if (mantissa < 0n) digits = -digits;
  if (power >= 0 && power <= 53) {
    const whole = Number(digits << BigInt(power));
    if (Number.isSafeInteger(whole)) return whole;
  }
  return { mantissa: digits, exponent: power };
}

/** `a / b × 2^exponent`, rounded once. */
function quotient(a: bigint, b: bigint, exponent: number): BigNumber {
  const shift = Math.max(0, PRECISION + 2 + bitLength(b) - bitLength(a));
  const dividend = magnitude(a) << BigInt(shift);
  const divisor = magnitude(b);
  const isNegative = a < 0n !== b < 0n;
  const whole = dividend / divisor;
  return rounded(isNegative ? -whole : whole, exponent - shift, whole * divisor !== dividend);
}

/** The text of the nearest JavaScript number, where that reads back as the number: 1.5 and 0.1, but not 1/3. */
function briefText(mantissa: bigint, exponent: number): string | undefined {
  const excess = Math.max(0, bitLength(mantissa) - 64);
  const text = String(Number(mantissa >> BigInt(excess)) * 2 ** (exponent + excess));
  if (!/^[\d.]+$/.test(text)) return undefined;
  const back = parseNumber(text);
  return back !== undefined && equalNumbers(back, { mantissa, exponent }) ? text : undefined;
}

/** The fewest digits that lie within half a unit of the last of the 512 bits; of the two candidates, the nearer one. */
function shortestText(mantissa: bigint, exponent: number): string {
  // Widened so that the last bit is a quarter of a unit: then the bounds are whole numbers too.
  const widen = PRECISION + 2 - bitLength(mantissa);
  const wide = mantissa << BigInt(widen);
  const power = exponent - widen;
  // Everything times 10^places is a whole number.
  const places = Math.max(0, -power);
  const scale = (value: bigint): bigint => (power >= 0 ? value << BigInt(power) : value * 5n ** BigInt(places));
  const exact = scale(wide);
  const isEven = ((wide >> 2n) & 1n) === 0n;
  // Below a power of two the neighbours are nearer by half.
  const lower = scale(wide - (mantissa === 1n ? 1n : 2n));
  const upper = scale(wide + 2n);
  const length = exact.toString().length;
  const down = (digits: number): bigint => exact - (exact % 10n ** BigInt(length - digits));
  const okDown = (value: bigint): boolean => value > lower || (isEven && value === lower);
  const okUp = (value: bigint): boolean => value < upper || (isEven && value === upper);
  const fits = (digits: number): boolean => okDown(down(digits)) || okUp(down(digits) + 10n ** BigInt(length - digits));
  let least = 1;
  let most = length;
  while (least < most) {
    const middle = (least + most) >> 1;
    if (fits(middle)) most = middle;
    else least = middle + 1;
  }
  const below = down(least);
  const unit = 10n ** BigInt(length - least);
  const above = below + unit;
  const isUp = !okDown(below) || (okUp(above) && (exact - below) * 2n > unit);
  return plainDecimal(isUp ? above : below, places);
}

/** The whole number divided by 10^places. */
function plainDecimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, "0");
  const fraction = digits.slice(digits.length - places).replace(/0+$/, "");
  const whole = digits.slice(0, digits.length - places);
  return places === 0 || fraction === "" ? (places === 0 ? digits : whole) : `${whole}.${fraction}`;
}
