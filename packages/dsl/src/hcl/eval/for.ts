import type { Expression, ForExpression } from "../syntax/tree.ts";
import { ConversionError } from "./conversion-error.ts";
import { convert } from "./convert.ts";
import type { Evaluation } from "./evaluation.ts";
import { iterate, LoopScope } from "./iterate.ts";
import type { EvalScope } from "./scope.ts";
import { boolType, dynamicType, stringType } from "./type.ts";
import { deepMarksOf, marksOf, objectValue, tupleValue, unknownValue, type Value, withMarks } from "./value.ts";

/**
 * `[for … : value if …]` gives a tuple, `{for … : key => value if …}` an object. Marks of the collection, of conditions and of keys go
 * to the result as a whole, those of values stay with them. An unknown collection, condition or key makes the whole unknown.
 */
export function evaluateFor(expression: ForExpression, scope: EvalScope, evaluation: Evaluation): Value {
  const loop = iterate(expression.collection, scope, evaluation);
  const result = new Result(expression, evaluation);
  for (const turn of loop.turns) {
    const inner = new LoopScope(scope, expression.keyName, expression.valueName, turn);
    if (result.isIncluded(inner)) result.add(inner);
  }
  return evaluation.bounded(withMarks(result.value(loop.isKnown), loop.marks), expression);
}

// --- internal ---

class Result {
  readonly #expression: ForExpression;
  readonly #evaluation: Evaluation;
  readonly #values: Value[] = [];
  readonly #entries = new Map<string, Value[]>();
  /** Conditions and keys that have marks. */
  readonly #deciding: Value[] = [];
  #isKnown = true;

  constructor(expression: ForExpression, evaluation: Evaluation) {
    this.#expression = expression;
    this.#evaluation = evaluation;
  }

  isIncluded(scope: EvalScope): boolean {
    const { condition } = this.#expression;
    if (condition === undefined) return true;
    const value = this.#condition(condition, this.#evaluation.value(condition, scope));
    this.#decide(value);
    // Of an unknown one the value is still looked at, for what it waits for.
    return value.kind !== "bool" || value.value;
  }

  add(scope: EvalScope): void {
    const { key, value: expression, groups } = this.#expression;
    const name = key === undefined ? undefined : this.#key(key, this.#evaluation.value(key, scope));
    const value = this.#evaluation.value(expression, scope);
    this.#values.push(value);
    if (key === undefined || name === undefined) return;
    this.#decide(name);
    if (name.kind !== "string") return;
    const same = this.#entries.get(name.value);
    if (same === undefined) this.#entries.set(name.value, [value]);
    else if (groups) same.push(value);
    else {
      this.#isKnown = false;
      const isSecret = name.sensitive || this.#deciding.some(({ sensitive }) => sensitive);
      this.#evaluation.fail({
        code: "TPK2101",
        at: key,
        summary: "Duplicate object key",
        detail: isSecret ? "Two elements give the same key." : `Two elements give the key ${JSON.stringify(name.value)}.`,
        hint: "If several elements may have one key, group them: put ... behind the value.",
      });
    }
  }

  value(isKnown: boolean): Value {
    const { key, groups } = this.#expression;
    if (!isKnown || !this.#isKnown) return unknownValue(dynamicType, deepMarksOf(...this.#deciding, ...this.#values));
    const marks = marksOf(...this.#deciding);
    if (key === undefined) return withMarks(tupleValue(this.#values), marks);
    const entries = [...this.#entries].map(([name, values]) => [name, groups ? tupleValue(values) : values[0]] as const);
    return withMarks(objectValue(new Map(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))), marks);
  }

  #decide(value: Value): void {
    if (value.kind === "unknown") this.#isKnown = false;
    if (value.sensitive || value.waitsFor.length > 0) this.#deciding.push(value);
  }

  #condition(at: Expression, value: Value): Value {
    if (value.kind === "null") {
      return this.#evaluation.fail({
        code: "TPK2101",
        at,
        summary: "Condition is null",
        detail: "The condition of a for expression must be true or false for each element.",
      });
    }
    try {
      return convert(value, boolType);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      const detail = `The condition of a for expression must be true or false: ${error.message}.`;
      return this.#evaluation.fail({ code: "TPK2104", at, summary: "Invalid for condition", detail });
    }
  }

  #key(at: Expression, value: Value): Value {
    const summary = "Invalid object key";
    if (value.kind === "null") return this.#evaluation.fail({ code: "TPK2101", at, summary, detail: "The key is null." });
    try {
      return convert(value, stringType);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      return this.#evaluation.fail({ code: "TPK2104", at, summary, detail: `This cannot be a key: ${error.message}.` });
    }
  }
}
