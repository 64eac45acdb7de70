// Functions on text.
import { boolType, listOf, numberType, stringType } from "../../hcl/eval/type.ts";
import type { Arguments, CallConverter } from "./arguments.ts";
import { type Code, code, precedence, receiver } from "./code.ts";
import { coerce } from "./coerce.ts";
import { spread } from "./contents.ts";
import { regularExpression } from "./regex.ts";
import { composeText, type TextPiece } from "./template.ts";
import { literalValue, quote } from "./text.ts";
import { isScalar, isSequence } from "./types.ts";

/** Conversions by name. */
export const textCalls: ReadonlyMap<string, CallConverter> = new Map<string, CallConverter>([
  ["upper", (call) => plainMethod(call, "toUpperCase")],
  ["lower", (call) => plainMethod(call, "toLowerCase")],
  ["trimspace", (call) => plainMethod(call, "trim")],
  ["startswith", (call) => test(call, "startsWith")],
  ["endswith", (call) => test(call, "endsWith")],
  ["strcontains", (call) => test(call, "includes")],
  ["join", join],
  ["split", split],
  ["replace", replace],
  ["regex_replace", regexReplace],
  ["format", format],
  ["substr", substr],
]);

// --- internal ---

function plainMethod(call: Arguments, name: string): Code | undefined {
  return call.count === 1 ? method(call, name) : undefined;
}

function method(call: Arguments, name: string, ...given: readonly number[]): Code | undefined {
  const text = call.text(0);
  if (text === undefined) return undefined;
  return code(`${receiver(text)}.${name}(${given.join(", ")})`, stringType, { precedence: precedence.access });
}

function test(call: Arguments, name: string): Code | undefined {
  const text = call.text(0);
  const part = call.text(1);
  if (text === undefined || part === undefined || call.count !== 2) return undefined;
  return code(`${receiver(text)}.${name}(${part.text})`, boolType, { precedence: precedence.access });
}

function join(call: Arguments): Code | undefined {
  const separator = call.text(0);
  const lists = call.from(1);
  if (separator === undefined || lists.length === 0) return undefined;
  const isPlain = lists.every((list) => isSequence(list.type) && list.nullable !== true && elementsAreText(list));
  if (!isPlain) return undefined;
  const [only] = lists;
  const list = lists.length === 1 && only !== undefined ? receiver(only) : `[${lists.map(spread).join(", ")}]`;
  return code(`${list}.join(${separator.text})`, stringType, { precedence: precedence.access });
}

/** Numbers are left out but for literals: fractions and big ones have another text in JavaScript. */
function elementsAreText({ type, members }: Code): boolean {
  if (members !== undefined) return [...members.values()].every((member) => isScalar(member.type) && member.nullable !== true);
  const types = type.kind === "tuple" ? type.elements : type.kind === "list" || type.kind === "set" ? [type.element] : [];
  return types.every(isScalar);
}

/** Functions whose text has no characters but plain ones, which are counted alike in both languages. */
const plainTexts = /^(md5|sha1|sha256|sha512|uuidv4|uuidv5|timestamp|base64encode|bcrypt)$/;

function substr(call: Arguments): Code | undefined {
  const node = call.expression(0);
  const text = call.text(0);
  const [from, length] = [call.at(1, numberType), call.at(2, numberType)].map((value) => Number(value?.text));
  if (text === undefined || node?.kind !== "call" || !plainTexts.test(node.name) || call.count !== 3) return undefined;
  if (from === undefined || length === undefined || !Number.isInteger(from) || !Number.isInteger(length) || from < 0) return undefined;
  if (length < 0) return length === -1 ? method(call, "slice", from) : undefined;
  return method(call, "slice", from, from + length);
}

function split(call: Arguments): Code | undefined {
  const separator = call.text(0);
  const text = call.text(1);
  const literal = separator === undefined ? undefined : literalValue(separator.text);
  // An empty separator splits into characters, and what a character is differs.
  if (text === undefined || separator === undefined || literal === undefined || literal === "") return undefined;
  return code(`${receiver(text)}.split(${separator.text})`, listOf(stringType), { precedence: precedence.access, declared: true });
}

function replace(call: Arguments): Code | undefined {
  const text = call.text(0);
  const [from, to] = [call.literal(1), call.literal(2)];
  const isPlain = from !== undefined && from !== "" && to !== undefined && !to.includes("$");
  if (text === undefined || !isPlain || call.count !== 3) return undefined;
  return code(`${receiver(text)}.replaceAll(${quote(from)}, ${quote(to)})`, stringType, { precedence: precedence.access });
}

function regexReplace(call: Arguments): Code | undefined {
  const text = call.text(0);
  const [pattern, to] = [call.literal(1), call.literal(2)];
  if (text === undefined || pattern === undefined || to === undefined || to.includes("$") || call.count !== 3) return undefined;
  const regex = regularExpression(pattern, { flags: "g", mayBeEmpty: false });
  if (regex === undefined) return undefined;
  return code(`${receiver(text)}.replace(${regex}, ${quote(to)})`, stringType, { precedence: precedence.access });
}

/** `format("%s-%d", a, b)`: a template, where the verbs are simple. */
function format(call: Arguments): Code | undefined {
  const spec = call.literal(0);
  if (spec === undefined || call.isSpread) return undefined;
  const pieces: TextPiece[] = [];
  let next = 1;
  for (const part of spec.split(/(%.)/s)) {
    if (part === "%%") pieces.push("%");
    else if (part === "%s" || part === "%v" || part === "%d") {
      const value = call.at(next++);
      const verbType = part === "%d" ? numberType : stringType;
      if (value === undefined || value.nullable === true || !isScalar(value.type)) return undefined;
      const converted = part === "%d" ? coerce(value, verbType) : value;
      // Numbers: the literal ones are folded, others are text of JavaScript, the same for whole numbers.
      if (part === "%d" && converted.type.kind !== "number") return undefined;
      pieces.push(converted);
    } else if (part.startsWith("%")) return undefined;
    else pieces.push(part);
  }
  return next === call.count ? composeText(pieces, call.scope) : undefined;
}
