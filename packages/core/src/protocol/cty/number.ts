// Numbers of cty are decimal, of any size. Here a number is JavaScript's where that says the same, its decimal text otherwise.
import { malformed } from "../malformed.ts";

/**
 * The number that a decimal text means: a JavaScript number when its own text means exactly the same, else the text, without needless
 * zeros. Undefined for what is no decimal text.
 */
export function exactNumber(text: string): number | string | undefined {
  const decimal = parseDecimal(text);
  if (decimal === undefined) return undefined;
  const near = Number(text);
  const nearDecimal = Number.isFinite(near) ? parseDecimal(String(near)) : undefined;
  if (nearDecimal?.digits === decimal.digits && nearDecimal.exponent === decimal.exponent) return near;
  return plainText(decimal);
}

/** The number as decimal text, without an exponent unless it would be absurdly long: `1e21` is `1000000000000000000000`. */
export function decimalText(number: number | string): string {
  const decimal = parseDecimal(String(number));
  return decimal === undefined ? String(number) : plainText(decimal);
}

/**
 * Reads Go's gob form of a `big.Float`: version, flags, precision, exponent, mantissa. Throws a PluginError for what is none, or a
 * number too large or small to be meant.
 */
export function numberFromBigFloat(bytes: Buffer): number | string {
  const flags = bytes[1] ?? 0;
  const form = (flags >> 1) & 3;
  const isNegative = (flags & 1) === 1;
  if (bytes.length < 6 || bytes[0] !== 1 || form === 3) throw malformed("cty value: not a number");
  if (form === ZERO) return 0;
  if (form === INFINITE) return isNegative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const precision = bytes.readUInt32BE(2);
  const size = bytes.length - 10;
  if (size <= 0 || size > MAX_MANTISSA_BYTES) throw malformed("cty value: not a number");
  const exponent = bytes.readInt32BE(6);
  if (Math.abs(exponent) > MAX_EXPONENT) throw malformed("cty value: a number is out of range");
  const mantissa = BigInt(`0x${bytes.subarray(10).toString("hex")}`);
  if (mantissa === 0n) throw malformed("cty value: not a number");
  // The mantissa is a fraction: 0.5 ≤ mantissa < 1.
  const text = shortestText(mantissa, exponent - size * 8, Math.min(precision, size * 8));
  return exactNumber(isNegative ? `-${text}` : text) ?? 0;
}

/** Go's gob form of a `big.Float` with the 512 bits that cty uses. Throws a PluginError for a number too large or small. */
export function bigFloatFromNumber(number: number | string): Buffer {
  const decimal = parseDecimal(String(number));
  if (decimal === undefined) return infinite(number);
  if (decimal.digits === "") return header(ZERO, false);
  const { digits, isNegative } = decimal;
  if (digits.length > MAX_EXPONENT || Math.abs(decimal.exponent) > MAX_EXPONENT) throw malformed("cty value: a number is out of range");
  const [mantissa, exponent] = rounded(BigInt(digits), decimal.exponent, PRECISION);
  const length = bits(mantissa);
  const content = Buffer.alloc(4 + PRECISION / 8);
  content.writeInt32BE(exponent + length);
  content.write((mantissa << BigInt(PRECISION - length)).toString(16).padStart(PRECISION / 4, "0"), 4, "hex");
  return Buffer.concat([header(FINITE, isNegative), content]);
}

// --- internal ---

/** `digits × 10^exponent`, the digits without zeros at either end; none of them for zero. */
interface Decimal {
  readonly isNegative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const PRECISION = 512;
const MAX_MANTISSA_BYTES = 128;
/** Binary or decimal; far beyond what a template can mean, and small enough to compute with at once. */
const MAX_EXPONENT = 4096;

const ZERO = 0;
const FINITE = 1;
const INFINITE = 2;

function parseDecimal(text: string): Decimal | undefined {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/.exec(text);
  const [, sign, whole = "", fraction = "", exponent = "0"] = parts ?? [];
  const all = whole + fraction;
  if (parts === null || all === "") return undefined;
  const first = all.search(/[1-9]/);
  if (first < 0) return { isNegative: false, digits: "", exponent: 0 };
  let end = all.length;
  while (all[end - 1] === "0") end--;
  return { isNegative: sign === "-", digits: all.slice(first, end), exponent: Number(exponent) - fraction.length + (all.length - end) };
}

function plainText({ isNegative, digits, exponent }: Decimal): string {
  const sign = isNegative ? "-" : "";
  if (digits === "") return "0";
  if (Math.abs(exponent) > MAX_EXPONENT) return `${sign}${digits}e${exponent}`;
  if (exponent >= 0) return sign + digits + "0".repeat(exponent);
  const whole = digits.length + exponent;
  return whole > 0 ? `${sign}${digits.slice(0, whole)}.${digits.slice(whole)}` : `${sign}0.${"0".repeat(-whole)}${digits}`;
}

/** The shortest decimal text that means `mantissa × 2^exponent` at this precision. */
function shortestText(mantissa: bigint, exponent: number, precision: number): string {
  // The number as whole digits: exactly, with as many digits after the point as there are bits after it.
  const point = Math.max(0, -exponent);
  const exact = (exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(point)).toString();
  const textOf = (count: number): readonly [bigint, number] => [
    BigInt(exact.slice(0, count)) + (exact.charCodeAt(count) >= 0x35 ? 1n : 0n),
    exact.length - count - point,
  ];
  const [wanted, wantedExponent] = normalized(mantissa, exponent);
  // With more digits the text only comes nearer, so that the fewest that will do can be found by halving.
  let tooFew = 0;
  let enough = Math.min(exact.length, Math.ceil(precision * Math.LOG10E * Math.LN2) + 3);
  while (enough - tooFew > 1) {
    const count = (tooFew + enough) >> 1;
    const [near, nearExponent] = normalized(...rounded(...textOf(count), precision));
    if (near === wanted && nearExponent === wantedExponent) enough = count;
    else tooFew = count;
  }
  const [digits, shift] = textOf(enough);
  return `${digits}e${shift}`;
}

/** `digits × 10^exponent` as `mantissa × 2^exponent`, rounded half to even. */
function rounded(digits: bigint, exponent: number, precision: number): readonly [bigint, number] {
  const numerator = exponent >= 0 ? digits * 10n ** BigInt(exponent) : digits;
  const denominator = exponent >= 0 ? 1n : 10n ** BigInt(-exponent);
  const shift = precision + 2 - (bits(numerator) - bits(denominator));
  const up = shift > 0 ? numerator << BigInt(shift) : numerator;
  const down = shift > 0 ? denominator : denominator << BigInt(-shift);
  let quotient = up / down;
  const isExact = quotient * down === up;
  const surplus = bits(quotient) - precision;
  if (surplus <= 0) return [quotient, -shift];
  const half = 1n << BigInt(surplus - 1);
  const rest = quotient & ((half << 1n) - 1n);
  quotient >>= BigInt(surplus);
  if (rest > half || (rest === half && (!isExact || quotient % 2n === 1n))) quotient += 1n;
  return [quotient, surplus - shift];
}

/** The same number with an odd mantissa. */
function normalized(mantissa: bigint, exponent: number): readonly [bigint, number] {
  const zeros = bits(mantissa & -mantissa) - 1;
  return [mantissa >> BigInt(zeros), exponent + zeros];
}

function bits(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0] ?? "0", 16)) + 28;
}

function infinite(number: number | string): Buffer {
  if (number === Number.POSITIVE_INFINITY) return header(INFINITE, false);
  if (number === Number.NEGATIVE_INFINITY) return header(INFINITE, true);
  throw malformed("cty value: not a number");
}

function header(form: number, isNegative: boolean): Buffer {
  const bytes = Buffer.alloc(6);
  bytes[0] = 1;
  // Rounds to nearest even; the value is exact.
  bytes[1] = (1 << 3) | (form << 1) | (isNegative ? 1 : 0);
  bytes.writeUInt32BE(PRECISION, 2);
  return bytes;
}
