// Arithmetic, comparison and logic.
import { InternalError } from "@tspack/core";
import {
  addNumbers,
  type BigNumber,
  divideNumbers,
  equalNumbers,
  isInfinite,
  moduloNumbers,
  multiplyNumbers,
  numberText,
  parseNumber,
  subtractNumbers,
} from "../../hcl/eval/number.ts";
import { boolType, numberType, sameType, type Type } from "../../hcl/eval/type.ts";
import type { Binary, BinaryOperator, Expression, Unary } from "../../hcl/syntax/tree.ts";
import { type Code, code, operand, type Precedence, precedence, receiver } from "./code.ts";
import { coerce, numberLiteral, numberLiteralText, required } from "./coerce.ts";
import { strict } from "./refs.ts";
import { inText, nothingKnown, type Scope } from "./scope.ts";
import { literalValue } from "./text.ts";
import { isRecord, isScalar, isSequence } from "./types.ts";

/** `-x` and `!x` */
export function convertUnary(node: Unary, scope: Scope): Code {
  return strict(node, scope, (bound) => {
    const type = node.operator === "-" ? numberType : boolType;
    const value = coerce(bound.convert(node.operand, bound, type), type);
    const number = node.operator === "-" ? numberLiteralText(value) : undefined;
    if (number !== undefined) return numberLiteral(number.startsWith("-") ? number.slice(1) : `-${number}`);
    return node.operator === "-" ? prefixed("-", required(value)) : negated(value);
  });
}

/** `a + b`, `a == b`, `a && b`, … */
export function convertBinary(node: Binary, scope: Scope): Code {
  return strict(node, scope, (bound) => {
    switch (node.operator) {
      case "==":
      case "!=":
        return equality(node, bound);
      case "&&":
      case "||":
        return logic(node, node.operator, bound);
      default:
        return arithmetic(node, node.operator, bound);
    }
  });
}

/** The opposite of a condition, without a double negation. */
export function negated(value: Code): Code {
  if (value.text === "true" || value.text === "false") return { ...value, text: value.text === "true" ? "false" : "true" };
  const opposite = value.precedence === precedence.equality ? /^([^"'`&|?]+) (===|!==) ([^&|?]+)$/.exec(value.text) : null;
  if (opposite !== null) return { ...value, text: `${opposite[1]} ${opposite[2] === "===" ? "!==" : "==="} ${opposite[3]}` };
  if (value.precedence === precedence.unary && value.text.startsWith("!")) {
    return code(value.text.slice(1), boolType, { precedence: precedence.access });
  }
  return prefixed("!", value);
}

/** The expression that a comparison with null asks about: `x` of `x != null`. */
export function nullTest(node: Expression): { readonly of: Expression; readonly isNull: boolean } | undefined {
  if (node.kind === "parentheses") return nullTest(node.value);
  if (node.kind !== "binary" || (node.operator !== "==" && node.operator !== "!=")) return undefined;
  const isNull = node.operator === "==";
  if (isNullLiteral(node.right)) return { of: node.left, isNull };
  return isNullLiteral(node.left) ? { of: node.right, isNull } : undefined;
}

/** Texts that are known to be present when the condition is what is asked for. */
export function presentIf(condition: Expression, is: boolean, scope: Scope): ReadonlySet<string> {
  if (condition.kind === "parentheses") return presentIf(condition.value, is, scope);
  if (condition.kind === "unary" && condition.operator === "!") return presentIf(condition.operand, !is, scope);
  if (condition.kind === "binary" && condition.operator === (is ? "&&" : "||")) {
    const left = presentIf(condition.left, is, scope);
    return new Set([...left, ...presentIf(condition.right, is, { ...scope, present: left })]);
  }
  const test = nullTest(condition);
  if (test === undefined || test.isNull === is) return scope.present;
  return new Set([...scope.present, scope.convert(test.of, scope).text]);
}

// --- internal ---

function prefixed(operator: string, value: Code): Code {
  const text = operand(value, precedence.unary);
  // `- -x` would be a decrement without the parentheses.
  const apart = text.startsWith(operator) ? `(${text})` : text;
  return code(`${operator}${apart}`, value.type, { precedence: precedence.unary });
}

function isNullLiteral(node: Expression): boolean {
  if (node.kind === "parentheses") return isNullLiteral(node.value);
  const [only] = node.kind === "template" ? node.parts : [];
  return (
    node.kind === "null" ||
    (node.kind === "template" && node.parts.length === 1 && only?.kind === "interpolation" && isNullLiteral(only.value))
  );
}

function logic(node: Binary, operator: "&&" | "||", scope: Scope): Code {
  const left = coerce(scope.convert(node.left, scope, boolType), boolType);
  const inner = { ...scope, present: presentIf(node.left, operator === "&&", scope), known: nothingKnown() };
  const right = coerce(inner.convert(node.right, inner, boolType), boolType);
  const at = operator === "&&" ? precedence.and : precedence.or;
  // `a || (b && c)`: with parentheses that nobody has to think about.
  const side = (value: Code): string => (value.precedence === precedence.and && operator === "||" ? `(${value.text})` : operand(value, at));
  return code(`${side(left)} ${operator} ${side(right)}`, boolType, { precedence: at });
}

const arithmeticLevels: { readonly [operator in Exclude<BinaryOperator, "==" | "!=" | "&&" | "||">]: Precedence } = {
  "+": precedence.additive,
  "-": precedence.additive,
  "*": precedence.multiplicative,
  "/": precedence.multiplicative,
  "%": precedence.multiplicative,
  "<": precedence.relational,
  ">": precedence.relational,
  "<=": precedence.relational,
  ">=": precedence.relational,
};

function arithmetic(node: Binary, operator: keyof typeof arithmeticLevels, scope: Scope): Code {
  const [left, right] = operands(node, scope, numberType).map(required);
  if (left === undefined || right === undefined) throw new InternalError("an operator has two sides");
  const at = arithmeticLevels[operator];
  const isComparison = at === precedence.relational;
  const folded = isComparison ? undefined : fold(operator, left, right);
  if (folded !== undefined) return folded;
  if (operator === "/" && !isPowerOfTwo(right)) {
    scope.context.attention(node, "a quotient that is no whole number has 16 digits in TypeScript, and about 150 in HCL");
  }
  const tighter =
    at === precedence.additive ? precedence.multiplicative : at === precedence.relational ? precedence.additive : precedence.unary;
  const text = `${operand(left, at)} ${operator} ${operand(right, tighter)}`;
  return code(text, isComparison ? boolType : numberType, { precedence: at });
}

/** Both sides. The length of text counts graphemes in HCL, which makes no difference for whether there are any. */
function operands({ left, right }: Binary, scope: Scope, wanted?: Type): readonly [Code, Code] {
  // What is compared with text is taken for text: nothing changes when it is none.
  const [forLeft, forRight] = wanted === undefined ? [wantedBeside(right), wantedBeside(left)] : [wanted, wanted];
  const a = coerce(scope.convert(left, scope, forLeft), wanted);
  const b = coerce(scope.convert(right, scope, forRight), wanted);
  return [b.text === "0" ? (textLength(left, scope) ?? a) : a, a.text === "0" ? (textLength(right, scope) ?? b) : b];
}

function wantedBeside(node: Expression): Type | undefined {
  if (node.kind === "parentheses") return wantedBeside(node.value);
  return node.kind === "template" && node.parts.every(({ kind }) => kind === "text") ? inText : undefined;
}

function textLength(node: Expression, scope: Scope): Code | undefined {
  const [argument] = node.kind === "call" && node.name === "length" && node.args.length === 1 ? node.args : [];
  const value = argument === undefined ? undefined : scope.convert(argument, scope);
  if (value === undefined || value.type.kind !== "string" || value.nullable === true) return undefined;
  return code(`${receiver(value)}.length`, numberType, { precedence: precedence.access });
}

/** Arithmetic of literals whose result a double would not give: `0.1 + 0.2`. What it would give stays as written. */
function fold(operator: string, left: Code, right: Code): Code | undefined {
  const [a, b] = [left, right].map((side) => parseNumber(numberLiteralText(side) ?? ""));
  if (a === undefined || b === undefined) return undefined;
  const exact = calculate(operator, a, b);
  if (exact === undefined || isInfinite(exact)) return undefined;
  const literal = numberLiteral(numberText(exact));
  const isSafe = [left, right, literal].every(({ text }) => /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)));
  return isSafe ? undefined : literal;
}

function calculate(operator: string, a: BigNumber, b: BigNumber): BigNumber | undefined {
  switch (operator) {
    case "+":
      return addNumbers(a, b);
    case "-":
      return subtractNumbers(a, b);
    case "*":
      return multiplyNumbers(a, b);
    case "/":
      return equalNumbers(b, 0) ? undefined : divideNumbers(a, b);
    case "%":
      return equalNumbers(b, 0) ? undefined : moduloNumbers(a, b);
    default:
      return undefined;
  }
}

function isPowerOfTwo(value: Code): boolean {
  const number = Number(numberLiteralText(value) ?? Number.NaN);
  return Number.isInteger(Math.log2(Math.abs(number)));
}

function equality(node: Binary, scope: Scope): Code {
  const isEqual = node.operator === "==";
  const operator = isEqual ? "===" : "!==";
  const test = nullTest(node);
  if (test !== undefined) {
    const value = scope.convert(test.of, scope);
    if (value.text === "undefined") return constant(isEqual);
    // What comes from outside may be null as well.
    const isPlain = value.type.kind !== "dynamic" && value.untyped !== true && scope.bound.size === 0;
    return compared(value, isPlain ? operator : operator.slice(0, 2), code(isPlain ? "undefined" : "null", value.type));
  }
  const [left, right] = operands(node, scope);
  if (left.type.kind === "dynamic" || right.type.kind === "dynamic") {
    return isSimple(left) || isSimple(right) ? compared(left, operator, right) : deep(left, right, isEqual, scope);
  }
  // HCL compares types too: what differs in type is never equal.
  if (!sameType(left.type, right.type)) {
    scope.context.attention(
      node,
      `compares values of different types, which HCL takes for ${isEqual ? "unequal" : "unequal as well"}: the answer is fixed`,
    );
    return constant(!isEqual);
  }
  if (isSequence(left.type) || isRecord(left.type)) return emptiness(left, right, isEqual) ?? deep(left, right, isEqual, scope);
  if (left.type.kind === "bool" && left.nullable !== true && right.nullable !== true) {
    const side = isBool(right) ? left : isBool(left) ? right : undefined;
    const fixed = isBool(right) ? right : left;
    if (side !== undefined) return (fixed.text === "true") === isEqual ? side : negated(side);
  }
  if (left.literal === true && right.literal === true) {
    const answer = fixedComparison(left, right);
    if (answer !== undefined) return constant(answer === isEqual);
    widen(node.left, scope);
    widen(node.right, scope);
  }
  return compared(left, operator, right);
}

function compared(left: Code, operator: string, right: Code): Code {
  return code(`${operand(left, precedence.relational)} ${operator} ${operand(right, precedence.relational)}`, boolType, {
    precedence: precedence.equality,
  });
}

function constant(value: boolean): Code {
  return code(String(value), boolType, { literal: true });
}

function isBool({ text }: Code): boolean {
  return text === "true" || text === "false";
}

/** True if `===` tells whether it is equal whatever the other side is. */
function isSimple(value: Code): boolean {
  return isScalar(value.type) || value.text === "undefined";
}

function fixedComparison(left: Code, right: Code): boolean | undefined {
  const [a, b] = [left, right].map((side) => literalValue(side.text) ?? numberLiteralText(side) ?? (isBool(side) ? side.text : undefined));
  return a === undefined || b === undefined ? undefined : a === b;
}

function emptiness(left: Code, right: Code, isEqual: boolean): Code | undefined {
  const value = right.text === "[]" ? left : left.text === "[]" ? right : undefined;
  if (value === undefined || value.text === "[]") return value === undefined ? undefined : constant(isEqual);
  // Two tuples of one type have one length.
  return constant(isEqual);
}

function deep(left: Code, right: Code, isEqual: boolean, scope: Scope): Code {
  const isDeepStrictEqual = scope.context.imports.use("isDeepStrictEqual", "node:util");
  const call = code(`${isDeepStrictEqual}(${left.text}, ${right.text})`, boolType, { precedence: precedence.access });
  return isEqual ? call : negated(call);
}

/** The `const` behind a reference must have a wide type. */
function widen(node: Expression, scope: Scope): void {
  const path: string[] = [];
  let at = node;
  for (; at.kind === "get-attribute" || at.kind === "parentheses"; at = at.kind === "parentheses" ? at.value : at.object) {
    if (at.kind === "get-attribute") path.unshift(at.name);
  }
  if (at.kind === "variable" && !scope.variables.has(at.name)) scope.context.widen?.(at.name, path);
}
