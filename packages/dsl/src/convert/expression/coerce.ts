// Conversions that HCL makes by itself, written out.
import { exactJsNumber, numberText, parseNumber } from "../../hcl/eval/number.ts";
import { boolType, numberType, stringType, type Type } from "../../hcl/eval/type.ts";
import { type Code, code, operand, precedence, receiver } from "./code.ts";
import { literalValue, quote } from "./text.ts";
import { isScalar, typeScriptType } from "./types.ts";

/** The value as the type that HCL wants of it. What is of that type already, or not known, stays as it is. */
export function coerce(value: Code, wanted: Type | undefined): Code {
  if (wanted === undefined || value.isRef || value.type.kind === wanted.kind) return coerceElements(value, wanted);
  if (!isScalar(value.type)) return coerceElements(value, wanted);
  switch (wanted.kind) {
    case "string":
      return toText(value);
    case "number":
      return toNumber(value);
    case "bool":
      return toBool(value);
    default:
      return value;
  }
}

/**
 * The value where HCL takes no null: the compiler is told that there is one. When there is none it fails in the run, as it does in HCL.
 */
export function required(value: Code): Code {
  if (value.nullable !== true || value.isRef || value.type.kind === "dynamic" || value.text === "undefined") return value;
  return code(`${operand(value, precedence.relational)} as ${typeScriptType(value.type)}`, value.type, {
    precedence: precedence.relational,
  });
}

/** A number literal for decimal text of HCL; text where a JavaScript number would lose digits, as the canonical Program has it. */
export function numberLiteral(text: string): Code {
  const number = parseNumber(text);
  const value = number === undefined ? undefined : exactJsNumber(number);
  if (number === undefined || value === undefined) {
    return code(quote(number === undefined ? text : numberText(number)), numberType, { literal: true });
  }
  const written = Object.is(value, -0) ? "-0" : String(value).replace("e+", "e");
  return code(written, numberType, { literal: true, precedence: written.startsWith("-") ? precedence.unary : precedence.primary });
}

/** Decimal text of a number literal of ours, as HCL writes it into text. */
export function numberLiteralText(value: Code): string | undefined {
  if (value.type.kind !== "number") return undefined;
  const text = literalValue(value.text) ?? (/^-?\d[\d.e+-]*$/.test(value.text) ? value.text : undefined);
  const number = text === undefined ? undefined : parseNumber(text);
  return number === undefined ? undefined : numberText(number);
}

// --- internal ---

function toText(value: Code): Code {
  const number = numberLiteralText(value);
  if (number !== undefined) return code(quote(number), stringType, { literal: true });
  if (value.text === "true" || value.text === "false") return code(quote(value.text), stringType, { literal: true });
  if (value.nullable === true) {
    return code(`${receiver(value)}?.toString()`, stringType, { precedence: precedence.access, nullable: true });
  }
  return code(`String(${value.text})`, stringType, { precedence: precedence.access });
}

function toNumber(value: Code): Code {
  const text = literalValue(value.text);
  if (text !== undefined) return numberLiteral(text);
  return code(`Number(${value.text})`, numberType, { precedence: precedence.access });
}

function toBool(value: Code): Code {
  const text = literalValue(value.text);
  if (text !== undefined) return code(String(text === "true" || text === "1"), boolType, { literal: true });
  return code(`${operand(value, precedence.relational)} === "true"`, boolType, { precedence: precedence.equality });
}

/** Lists of single values whose elements convert. */
function coerceElements(value: Code, wanted: Type | undefined): Code {
  if (wanted === undefined || value.isRef || (wanted.kind !== "list" && wanted.kind !== "set")) return value;
  const elements = value.type.kind === "tuple" ? value.type.elements : value.type.kind === "list" ? [value.type.element] : [];
  if (elements.length === 0 || !elements.every(isScalar) || elements.every(({ kind }) => kind === wanted.element.kind)) return value;
  const convert = wanted.element.kind === "string" ? "String" : wanted.element.kind === "number" ? "Number" : undefined;
  if (convert === undefined) return value;
  return code(`${receiver(value)}.map(${convert})`, { kind: "list", element: wanted.element }, { precedence: precedence.access });
}
