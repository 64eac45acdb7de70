// Numbers in the forms of Go's fmt package.

/** Go's `%v` and `%g` without a precision turn to exponents from here on. */
const SHORTEST_LIMIT = 6;

/** A float as `%e`, `%f` or `%g` prints it; without a precision the shortest text that reads back the same. */
export function formatFloat(value: number, verb: "e" | "f" | "g", precision: number | undefined, keepZeros = false): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  switch (verb) {
    case "e":
      return twoDigitExponent(value.toExponential(precision === undefined ? undefined : Math.min(precision, 100)), value);
    case "f":
      return precision === undefined ? plainDecimal(value) : fixed(value, precision);
    case "g": {
      if (precision === undefined) {
        const exponent = exponentOf(value.toExponential());
        return exponent < -4 || exponent >= SHORTEST_LIMIT ? formatFloat(value, "e", undefined) : plainDecimal(value);
      }
      const digits = Math.min(Math.max(precision, 1), 100);
      const scientific = value.toExponential(digits - 1);
      const exponent = exponentOf(scientific);
      const large = exponent < -4 || exponent >= digits;
      const text = large ? twoDigitExponent(scientific, value) : fixed(value, Math.max(0, digits - 1 - exponent));
      return keepZeros ? text : withoutTrailingZeros(text);
    }
  }
}

/** `%v` of a float64. */
export function plainFloat(value: number): string {
  return formatFloat(value, "g", undefined);
}

// --- internal ---

function sign(value: number): string {
  return Object.is(value, -0) ? "-" : "";
}

function exponentOf(scientific: string): number {
  return Number(scientific.slice(scientific.indexOf("e") + 1));
}

/** Go writes at least two digits of exponent. */
function twoDigitExponent(scientific: string, value: number): string {
  return sign(value) + scientific.replace(/e([+-])(\d)$/, "e$10$2");
}

function withoutTrailingZeros(text: string): string {
  const [digits = "", exponent] = text.split("e");
  const short = digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
  return exponent === undefined ? short : `${short}e${exponent}`;
}

/** All digits of the number, without an exponent. */
function plainDecimal(value: number): string {
  const text = String(value);
  if (!text.includes("e")) return sign(value) + text;
  const [digits = "", exponentText] = Math.abs(value).toExponential().split("e");
  const exponent = Number(exponentText);
  const bare = digits.replace(".", "");
  const minus = value < 0 ? "-" : "";
  if (exponent < 0) return `${minus}0.${"0".repeat(-exponent - 1)}${bare}`;
  return minus + bare.padEnd(exponent + 1, "0");
}

function fixed(value: number, precision: number): string {
  if (Math.abs(value) < 1e21) return sign(value) + toFixedEven(value, Math.min(precision, 100));
  const whole = BigInt(value).toString();
  return precision === 0 ? whole : `${whole}.${"0".repeat(precision)}`;
}

/** JavaScript rounds a tie away from zero, Go to the even digit. */
function toFixedEven(value: number, precision: number): string {
  const exact = value.toFixed(100);
  const point = exact.indexOf(".");
  const kept = exact.slice(0, precision === 0 ? point : point + 1 + precision);
  const isTie = /^50*$/.test(exact.slice(point + 1 + precision));
  return isTie && /[02468]$/.test(kept) ? kept : value.toFixed(precision);
}
