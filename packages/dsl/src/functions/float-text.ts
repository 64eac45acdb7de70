// Numbers in the forms of Go's `math/big.Float.Text`: exact, whatever the precision that is asked for.
import { type BigNumber, isInfinite, numberText } from "../hcl/eval/number.ts";

/** A number as `e`, `f` or `g` show it. Without a precision `g` has the fewest digits that read back as the same number. */
export function floatText(value: BigNumber, form: "e" | "f" | "g", precision: number | undefined): string {
  if (isInfinite(value)) return numberText(value);
  const decimal = precision === undefined ? shortestDecimal(value) : exactDecimal(value);
  const sign = decimal.isNegative ? "-" : "";
  if (form === "f") return sign + fixed(rounded(decimal, decimal.point + (precision ?? 0)), precision ?? 0);
  if (form === "e") return sign + scientific(rounded(decimal, (precision ?? 0) + 1), precision ?? 0);
  const short = precision === undefined ? decimal : rounded(decimal, Math.max(1, precision));
  const { digits, point } = short;
  const limit = precision === undefined ? SHORTEST_LIMIT : precision > digits.length && digits.length >= point ? digits.length : precision;
  if (point - 1 < -4 || point - 1 >= Math.max(1, limit)) return sign + scientific(short, Math.max(0, digits.length - 1));
  return sign + fixed(short, Math.max(0, digits.length - point));
}

// --- internal ---

/** From this exponent on, `g` without a precision turns to exponents. */
const SHORTEST_LIMIT = 6;

/** `0.digits × 10^point`; no zeros at either end of the digits, none at all for zero. */
interface Decimal {
  readonly isNegative: boolean;
  readonly digits: string;
  readonly point: number;
}

function decimalOf(isNegative: boolean, whole: string, places: number): Decimal {
  const significant = whole.replace(/^0+/, "");
  const point = significant.length - places;
  const digits = significant.replace(/0+$/, "");
  return { isNegative, digits, point: digits === "" ? 0 : point };
}

function shortestDecimal(value: BigNumber): Decimal {
  const text = numberText(value);
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  return decimalOf(text.startsWith("-"), whole + fraction, fraction.length);
}

/** Every digit of the binary number. */
function exactDecimal(value: BigNumber): Decimal {
  if (typeof value === "number") return decimalOf(value < 0 || Object.is(value, -0), String(Math.abs(value)), 0);
  const { mantissa, exponent } = value;
  const size = mantissa < 0n ? -mantissa : mantissa;
  return exponent >= 0
    ? decimalOf(mantissa < 0n, String(size << BigInt(exponent)), 0)
    : decimalOf(mantissa < 0n, String(size * 5n ** BigInt(-exponent)), -exponent);
}

/** Keeps a count of digits and rounds half to even. */
function rounded(decimal: Decimal, count: number): Decimal {
  const { digits, point, isNegative } = decimal;
  if (count >= digits.length) return decimal;
  if (count < 0) return { isNegative, digits: "", point: 0 };
  const kept = digits.slice(0, count);
  const rest = digits.slice(count);
  const isUp = rest.charAt(0) > "5" || (rest.charAt(0) === "5" && (rest.length > 1 || Number(kept.slice(-1)) % 2 === 1));
  if (!isUp) return { isNegative, digits: kept.replace(/0+$/, ""), point: /[1-9]/.test(kept) ? point : 0 };
  const above = String(BigInt(kept === "" ? "0" : kept) + 1n).padStart(count, "0");
  return { isNegative, digits: above.replace(/0+$/, ""), point: point + (above.length - count) };
}

function fixed({ digits, point }: Decimal, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  if (precision === 0) return whole;
  const fraction = point > 0 ? digits.slice(point) : "0".repeat(Math.min(-point, precision)) + digits;
  return `${whole}.${fraction.slice(0, precision).padEnd(precision, "0")}`;
}

/** At least two digits of exponent, as Go writes them. */
function scientific({ digits, point }: Decimal, precision: number): string {
  const exponent = digits === "" ? 0 : point - 1;
  const all = digits.padEnd(precision + 1, "0");
  const fraction = precision === 0 ? "" : `.${all.slice(1, precision + 1)}`;
  return `${all.charAt(0)}${fraction}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
