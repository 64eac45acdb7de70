// Go's Printf over template values (Go's fmt package, "Printing", "Explicit argument indexes" and "Format errors").
import { formatValue } from "./format.ts";
import { formatFloat } from "./format-number.ts";
import { quoteAscii, quoteText } from "./quote.ts";
import { fromOutside, isList, isMap, sortedEntries, typeName } from "./values.ts";

/** Go's `Sprintf`. What does not fit is shown in the text, as Go does: `%!d(string=x)`. */
export function printFormat(format: string, values: readonly unknown[]): string {
  const pattern = /%([-+# 0]*)(\[\d+\])?(\*|\d+)?(?:(\.)(\[\d+\])?(\*|\d+)?)?(\[\d+\])?/y;
  let output = "";
  let position = 0;
  let next = 0;
  let reordered = false;
  const select = (index: string | undefined): boolean => {
    if (index === undefined) return true;
    reordered = true;
    next = Number(index.slice(1, -1)) - 1;
    return next >= 0 && next < values.length;
  };
  for (;;) {
    const percent = format.indexOf("%", position);
    if (percent === -1) break;
    output += format.slice(position, percent);
    pattern.lastIndex = percent;
    const [directive = "%", flags = "", widthIndex, widthText, dot, precisionIndex, precisionText, valueIndex] = pattern.exec(format) ?? [];
    position = percent + directive.length;
    const verb = position < format.length ? String.fromCodePoint(format.codePointAt(position) ?? 0) : "";
    position += verb.length;
    if (verb === "") {
      output += "%!(NOVERB)";
      break;
    }
    let good = select(widthIndex);
    let width = widthText === undefined || widthText === "*" ? undefined : Number(widthText);
    let leftByWidth = false;
    if (widthText === "*") {
      width = smallInt(values[next++]);
      if (width === undefined) output += "%!(BADWIDTH)";
      else if (width < 0) {
        leftByWidth = true;
        width = -width;
      }
    } else if (widthIndex !== undefined && widthText !== undefined) good = false;
    good = select(precisionIndex) && good;
    let precision = dot === undefined ? undefined : precisionText === "*" ? undefined : Number(precisionText ?? 0);
    if (precisionText === "*") {
      precision = smallInt(values[next++]);
      if (precision === undefined || precision < 0) {
        precision = undefined;
        output += "%!(BADPREC)";
      }
    } else if (precisionIndex !== undefined && precisionText !== undefined) good = false;
    good = select(valueIndex) && good;
    if (verb === "%") output += "%";
    else if (!good) output += `%!${verb}(BADINDEX)`;
    else if (next >= values.length) output += `%!${verb}(MISSING)`;
    else {
      const left = flags.includes("-") || leftByWidth;
      output += formatOne(values[next++], {
        verb,
        width: width ?? 0,
        precision,
        left,
        plus: flags.includes("+"),
        space: flags.includes(" "),
        sharp: flags.includes("#"),
        zero: flags.includes("0") && !left,
      });
    }
  }
  output += format.slice(position);
  if (!reordered && next < values.length) {
    output += `%!(EXTRA ${values
      .slice(next)
      .map((value) => (value === null ? "<nil>" : `${typeName(value)}=${formatValue(value)}`))
      .join(", ")})`;
  }
  return output;
}

// --- internal ---

interface Directive {
  readonly verb: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly left: boolean;
  readonly plus: boolean;
  readonly space: boolean;
  readonly sharp: boolean;
  readonly zero: boolean;
}

/** Widths and precisions beyond this are refused by Go too. */
const MOST_WIDTH = 1_000_000;

function smallInt(value: unknown): number | undefined {
  if (typeof value !== "bigint" || value > MOST_WIDTH || value < -MOST_WIDTH) return undefined;
  return Number(value);
}

function listOf(list: ArrayLike<unknown>): unknown[] {
  return Array.from(list, fromOutside);
}

function entriesText(map: { readonly [key: string]: unknown }, directive: Directive, separator: string): string {
  return sortedEntries(map)
    .map(([name, value]) => `${formatText(name, directive)}:${formatOne(value, directive)}`)
    .join(separator);
}

function formatOne(value: unknown, directive: Directive): string {
  const { verb } = directive;
  if (verb === "T") return pad(typeName(value), { ...directive, zero: false });
  if (value === null || value === undefined) return verb === "v" ? pad("<nil>", { ...directive, zero: false }) : `%!${verb}(<nil>)`;
  if (value instanceof Uint8Array && "sxXq".includes(verb)) return formatText(Buffer.from(value).toString("utf8"), directive);
  if (isList(value)) {
    if (verb === "v" && directive.sharp)
      return `${typeName(value)}{${listOf(value)
        .map((item) => formatOne(item, directive))
        .join(", ")}}`;
    return `[${listOf(value)
      .map((item) => formatOne(item, directive))
      .join(" ")}]`;
  }
  switch (typeof value) {
    case "string":
      return formatText(value, directive);
    case "bigint":
      return formatInt(value, directive);
    case "number":
      return formatFloatVerb(value, directive);
    case "boolean":
      return verb === "v" || verb === "t" ? pad(String(value), { ...directive, zero: false }) : bad(value, verb);
    default:
      if (!isMap(value)) return bad(value, verb);
      if (verb === "v" && directive.sharp) return `${typeName(value)}{${entriesText(value, directive, ", ")}}`;
      return `map[${entriesText(value, directive, " ")}]`;
  }
}

function bad(value: unknown, verb: string): string {
  return `%!${verb}(${typeName(value)}=${formatValue(value)})`;
}

function formatText(value: string, directive: Directive): string {
  const { verb, precision } = directive;
  const cut = precision === undefined ? value : [...value].slice(0, precision).join("");
  const quoted = () => {
    if (directive.sharp && !cut.includes("`") && !/[\x00-\x08\x0a-\x1f\x7f\ufeff]/.test(cut)) return `\`${cut}\``;
    return directive.plus ? quoteAscii(cut) : quoteText(cut);
  };
  switch (verb) {
    case "v":
      return pad(directive.sharp ? quoteText(cut) : cut, directive);
    case "s":
      return pad(cut, directive);
    case "q":
      return pad(quoted(), directive);
    case "x":
    case "X":
      return pad(hexText(value, directive), directive);
    default:
      return bad(value, verb);
  }
}

function hexText(value: string, directive: Directive): string {
  const bytes = Buffer.from(value).subarray(0, directive.precision);
  const prefix = directive.sharp ? `0${directive.verb}` : "";
  const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  if (pairs.length === 0) return "";
  const text = directive.space ? pairs.map((pair) => prefix.toLowerCase() + pair).join(" ") : prefix.toLowerCase() + pairs.join("");
  return directive.verb === "X" ? text.toUpperCase() : text;
}

function formatInt(value: bigint, directive: Directive): string {
  const { verb } = directive;
  const bases: { readonly [verb: string]: readonly [number, string] } = {
    v: [10, ""],
    d: [10, ""],
    b: [2, "0b"],
    o: [8, "0"],
    O: [8, "0o"],
    x: [16, "0x"],
    X: [16, "0X"],
  };
  const base = bases[verb];
  if (base !== undefined) {
    const [radix, prefix] = base;
    let digits = (value < 0n ? -value : value).toString(radix);
    if (verb === "X") digits = digits.toUpperCase();
    if (directive.precision === 0 && value === 0n) return pad("", { ...directive, zero: false });
    digits = digits.padStart(directive.precision ?? 0, "0");
    const mark = verb === "O" || (directive.sharp && verb !== "v") ? prefix : "";
    const octal = verb === "o" && digits.startsWith("0") ? "" : mark;
    return padNumber(signOf(value < 0n, directive) + octal, digits, directive, directive.precision === undefined);
  }
  const isCharacter = value >= 0n && value <= 0x10ffffn;
  const character = isCharacter ? String.fromCodePoint(Number(value)) : "\ufffd";
  switch (verb) {
    case "c":
      return pad(character, directive);
    case "q":
      return pad(`'${quoteText(character, "'").slice(1, -1)}'`, directive);
    case "U": {
      const code = `U+${value
        .toString(16)
        .toUpperCase()
        .padStart(Math.max(4, directive.precision ?? 0), "0")}`;
      return pad(directive.sharp && isCharacter ? `${code} '${character}'` : code, { ...directive, zero: false });
    }
    default:
      return bad(value, verb);
  }
}

function formatFloatVerb(value: number, directive: Directive): string {
  const { verb, precision } = directive;
  const kinds: { readonly [verb: string]: "e" | "f" | "g" } = { v: "g", e: "e", E: "e", f: "f", F: "f", g: "g", G: "g" };
  const kind = kinds[verb];
  if (kind === undefined) return bad(value, verb);
  const text = formatFloat(Math.abs(value), kind, precision ?? (kind === "g" ? undefined : 6), directive.sharp);
  const negative = value < 0 || Object.is(value, -0);
  const digits = verb === "E" || verb === "G" ? text.toUpperCase() : text.replace(/^\+/, "");
  if (!Number.isFinite(value)) {
    const mark = Number.isNaN(value) ? signOf(false, directive) : value > 0 ? (directive.plus ? "+" : signOf(false, directive)) : "-";
    return pad(mark + digits.replace(/^[+-]/, ""), { ...directive, zero: false });
  }
  return padNumber(signOf(negative, directive), digits, directive, true);
}

function signOf(negative: boolean, directive: Directive): string {
  return negative ? "-" : directive.plus ? "+" : directive.space ? " " : "";
}

/** Pads between sign and digits when the zero flag asks for it. */
function padNumber(sign: string, digits: string, directive: Directive, zeros: boolean): string {
  if (directive.zero && zeros) {
    // Go counts the sign, but not the 0x prefix, into the width.
    const width = directive.width - (/^[-+ ]/.test(sign) ? 1 : 0);
    return sign + digits.padStart(width, "0");
  }
  return pad(sign + digits, { ...directive, zero: false });
}

function pad(text: string, directive: Directive): string {
  const missing = directive.width - [...text].length;
  if (missing <= 0) return text;
  if (directive.left) return text + " ".repeat(missing);
  return (directive.zero ? "0" : " ").repeat(missing) + text;
}
