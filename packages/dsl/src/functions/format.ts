// `format` and `formatlist` (row FUN-02), as cty has them on top of Go's fmt and math/big.
import { ConversionError } from "../hcl/eval/conversion-error.ts";
import { convert } from "../hcl/eval/convert.ts";
import { type BigNumber, isInfinite, toBigInt } from "../hcl/eval/number.ts";
import { boolType, dynamicType, listOf, numberType, stringType, type Type, typeText } from "../hcl/eval/type.ts";
import { listValue, stringValue, type Value } from "../hcl/eval/value.ts";
import { floatText } from "./float-text.ts";
import { type Directive, type FormatPart, parseFormat } from "./format-directive.ts";
import { FunctionError, type HclFunction } from "./function.ts";
import { graphemesOf } from "./graphemes.ts";
import { jsonText } from "./json-text.ts";
import { define, readText, requireArgument } from "./lift.ts";
import { refuseSize } from "./size-limit.ts";

/** The text that a format and its arguments make. Throws `FunctionError`. */
export function formatValues(format: string, values: readonly Value[]): string {
  return fill(prepare(format, values.length), values);
}

/** `format` and `formatlist`. */
export const formatFunctions: readonly HclFunction[] = [
  define({
    name: "format",
    parameters: [{ name: "format", type: stringType }],
    variadic: { name: "values", type: dynamicType, allowNull: true },
    returns: stringType,
    summary: "Text by a format in which directives such as `%s`, `%d` and `%5.2f` stand for the values.",
    examples: [
      ['format("%s-%03d", "disk", 7)', '"disk-007"'],
      ['format("%.2f", 2.5)', '"2.50"'],
      ['format("%[2]s %[1]s", "a", "b")', '"b a"'],
      ['format("%v", ["a", true])', '"[\\"a\\",true]"'],
    ],
    call: (args) => stringValue(formatValues(readText(requireArgument(args, 0)), args.slice(1))),
  }),
  define({
    name: "formatlist",
    parameters: [{ name: "format", type: stringType }],
    variadic: { name: "values", type: dynamicType, allowNull: true },
    returns: listOf(stringType),
    summary: "A list of texts by one format: lists among the values are taken element by element, others are the same in each.",
    examples: [['formatlist("%s.%s", ["a", "b"], "example.com")', '["a.example.com","b.example.com"]']],
    call(args) {
      const values = args.slice(1);
      const length = iterations(values);
      const parts = prepare(readText(requireArgument(args, 0)), values.length);
      let characters = 0;
      const texts = Array.from({ length }, (_, index) => {
        const text = fill(
          parts,
          values.map((value) => (value.kind === "sequence" ? requireArgument(value.elements, index) : value)),
        );
        characters += text.length;
        refuseSize(characters);
        return text;
      });
      return listValue(stringType, texts.map(stringValue));
    },
  }),
];

// --- internal ---

/** The parts of a format that takes this many values. */
function prepare(format: string, count: number): readonly FormatPart[] {
  const parts = parseFormat(format);
  let used = 0;
  for (const part of parts) {
    if (part.kind === "literal") continue;
    used = Math.max(used, part.argument + 1);
    if (part.argument >= count) {
      throw new FunctionError(`"${part.text}" at offset ${part.offset} needs value ${part.argument + 1}, but there are ${count}`);
    }
  }
  if (used < count) {
    throw new FunctionError(
      used === 0 ? "there are values, but no directives in the format" : `there are ${count} values; the format uses only ${used}`,
      used + 1,
    );
  }
  return parts;
}

function fill(parts: readonly FormatPart[], values: readonly Value[]): string {
  let result = "";
  for (const part of parts) {
    result += part.kind === "literal" ? part.text : formatOne(part, requireArgument(values, part.argument));
    refuseSize(result.length);
  }
  return result;
}

/** How often `formatlist` goes round: the length of its lists, which must agree. */
function iterations(values: readonly Value[]): number {
  let first: { readonly length: number; readonly position: number } | undefined;
  values.forEach((value, index) => {
    if (value.kind !== "sequence") return;
    const { length } = value.elements;
    first ??= { length, position: index + 1 };
    if (first.length !== length) {
      throw new FunctionError(`value ${index + 1} has ${length} elements, but value ${first.position} has ${first.length}`, index + 1);
    }
  });
  return first?.length ?? 1;
}

function formatOne(directive: Directive, value: Value): string {
  const { verb } = directive;
  if (verb === "v") return pad(directive.sharp ? jsonText(value) : plainText(value), directive);
  if (value.kind === "null") throw new FunctionError(`"${directive.text}" cannot show null`, directive.argument + 1);
  switch (verb) {
    case "s":
    case "q": {
      const shown = converted(value, stringType, directive);
      const text = shown.kind === "string" ? shown.value : "";
      const cut = directive.precision === undefined ? text : graphemesOf(text).slice(0, directive.precision).join("");
      return pad(verb === "q" ? jsonText(stringValue(cut)) : cut, directive);
    }
    case "t": {
      const shown = converted(value, boolType, directive);
      return String(shown.kind === "bool" && shown.value);
    }
    default: {
      const shown = converted(value, numberType, directive);
      const number = shown.kind === "number" ? shown.value : 0;
      return "dboxX".includes(verb) ? formatInteger(number, directive) : formatFloat(number, directive);
    }
  }
}

function converted(value: Value, type: Type, directive: Directive): Value {
  const isPrimitive = value.kind === "string" || value.kind === "number" || value.kind === "bool";
  try {
    if (isPrimitive) return convert(value, type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
  }
  const found = isPrimitive ? "" : `, not ${typeText(value.type)}`;
  throw new FunctionError(`"${directive.text}" needs a value of type ${typeText(type)}${found}`, directive.argument + 1);
}

/** `%v`: text as it is, numbers in Go's `%g`, the rest as JSON. */
function plainText(value: Value): string {
  if (value.kind === "string") return value.value;
  if (value.kind === "number") return floatText(value.value, "g", undefined);
  return jsonText(value);
}

/** Fills up to the width, which counts grapheme clusters. Zeros fill behind the text too, if both flags say so. */
function pad(text: string, { width, left, zero }: Directive): string {
  const missing = width === 0 ? 0 : width - graphemesOf(text).length;
  if (missing <= 0) return text;
  const filling = (zero ? "0" : " ").repeat(missing);
  return left ? text + filling : filling + text;
}

const bases: { readonly [verb: string]: readonly [radix: number, prefix: string] } = {
  d: [10, ""],
  b: [2, "0b"],
  o: [8, "0"],
  x: [16, "0x"],
  X: [16, "0X"],
};

function formatInteger(value: BigNumber, directive: Directive): string {
  const integral = toBigInt(value);
  if (integral === undefined) throw new FunctionError(`"${directive.text}" needs a whole number`, directive.argument + 1);
  const [radix, mark] = bases[directive.verb] ?? [10, ""];
  const lower = (integral < 0n ? -integral : integral).toString(radix);
  const digits = (directive.verb === "X" ? lower.toUpperCase() : lower).padStart(directive.precision ?? 0, "0");
  if (directive.precision === 0 && integral === 0n) return "";
  const prefix = signOf(integral < 0n, directive) + (directive.sharp ? mark : "");
  return padNumber(prefix, digits, directive, directive.precision === undefined);
}

function formatFloat(value: BigNumber, directive: Directive): string {
  const { verb, precision } = directive;
  const form = verb === "f" ? "f" : verb === "g" || verb === "G" ? "g" : "e";
  const lower = floatText(value, form, precision ?? (form === "g" ? undefined : 6));
  const text = verb === "E" || verb === "G" ? lower.toUpperCase().replace("INF", "Inf") : lower;
  const infinite = isInfinite(value);
  const sign = text.startsWith("+") ? (directive.space ? " " : "+") : signOf(text.startsWith("-"), directive);
  return padNumber(sign, text.replace(/^[-+]/, ""), directive, !infinite);
}

function signOf(isNegative: boolean, { plus, space }: Directive): string {
  return isNegative ? "-" : plus ? "+" : space ? " " : "";
}

/** Zeros go between the sign and the digits. */
function padNumber(prefix: string, digits: string, { width, left, zero }: Directive, mayFillWithZeros: boolean): string {
  const missing = Math.max(0, width - prefix.length - digits.length);
  if (left) return prefix + digits + " ".repeat(missing);
  if (zero && mayFillWithZeros) return prefix + "0".repeat(missing) + digits;
  return " ".repeat(missing) + prefix + digits;
}
