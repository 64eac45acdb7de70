// Numbers, `[a, b]`, and `{ a = 1 }`.
import type { Expression, NumberLiteral, ObjectConstructor, ObjectItem, Tuple } from "../syntax/tree.ts";
import { ConversionError } from "./conversion-error.ts";
import { convert } from "./convert.ts";
import type { Evaluation } from "./evaluation.ts";
import { NumberError, parseNumber } from "./number.ts";
import type { EvalScope } from "./scope.ts";
import { dynamicType, numberType, stringType } from "./type.ts";
import { deepMarksOf, numberValue, objectValue, stringValue, tupleValue, unknownValue, type Value, withMarks } from "./value.ts";

export function evaluateNumber(literal: NumberLiteral, evaluation: Evaluation): Value {
  const number = numberOf(literal.text);
  if (number !== undefined) return numberValue(number);
  evaluation.fail({
    code: "TPK2003",
    at: literal,
    summary: "Number is too large",
    detail: "A number may have 10,000 digits, and an exponent of that size.",
  });
  return unknownValue(numberType);
}

export function evaluateTuple({ elements, ...at }: Tuple, scope: EvalScope, evaluation: Evaluation): Value {
  return evaluation.bounded(tupleValue(elements.map(({ value }) => evaluation.value(value, scope))), at);
}

/** A later item of the same key wins. A key that is unknown makes the whole unknown; a sensitive one the whole sensitive. */
export function evaluateObject(object: ObjectConstructor, scope: EvalScope, evaluation: Evaluation): Value {
  const entries = new Map<string, Value>();
  const keys: Value[] = [];
  const values: Value[] = [];
  let isKnown = true;
  for (const item of object.items) {
    const key = keyOf(item, scope, evaluation);
    const value = evaluation.value(item.value, scope);
    keys.push(key);
    values.push(value);
    if (key.kind === "string") entries.set(key.value, value);
    else isKnown = false;
  }
  if (!isKnown) return unknownValue(dynamicType, deepMarksOf(...keys, ...values));
  return evaluation.bounded(withMarks(objectValue(entries), deepMarksOf(...keys)), object);
}

/** The text of a key that is written out: a bare word, text without interpolations, a number. Undefined for any other. */
export function literalKey({ key, isLiteralKey }: ObjectItem): string | undefined {
  if (isLiteralKey && key.kind === "variable") return key.name;
  if (key.kind !== "template") return undefined;
  const [text, ...more] = key.parts;
  if (text === undefined) return "";
  return text.kind === "text" && more.length === 0 ? text.value : undefined;
}

// --- internal ---

function numberOf(text: string): ReturnType<typeof parseNumber> {
  try {
    return parseNumber(text);
  } catch (error) {
    if (error instanceof NumberError) return undefined;
    throw error;
  }
}

/** Text, or an unknown value. */
function keyOf(item: ObjectItem, scope: EvalScope, evaluation: Evaluation): Value {
  const { key, isLiteralKey } = item;
  if (isLiteralKey && key.kind === "variable") return stringValue(key.name);
  if (isTraversal(key)) {
    return evaluation.fail({
      code: "TPK2101",
      at: key,
      summary: "Ambiguous attribute key",
      detail: "This may be a reference or text.",
      hint: "For the value of the reference, wrap the key in parentheses; for text, in quotes.",
    });
  }
  const value = evaluation.value(key, scope);
  if (value.kind === "null") {
    return evaluation.fail({
      code: "TPK2101",
      at: item.value,
      summary: "Null value as key",
      detail: "The key of this value is null, and null cannot be a key.",
    });
  }
  try {
    return convert(value, stringType);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    return evaluation.fail({ code: "TPK2104", at: key, summary: "Incorrect key type", detail: `This cannot be a key: ${error.message}.` });
  }
}

/** `a.b` or `a[0]` without parentheses. */
function isTraversal(key: Expression): boolean {
  let start = key;
  while (start.kind === "get-attribute" || start.kind === "get-index") {
    if (start.kind === "get-index" && start.key.kind !== "number" && start.key.kind !== "template") return false;
    start = start.kind === "get-attribute" ? start.object : start.collection;
  }
  return start !== key && start.kind === "variable";
}
