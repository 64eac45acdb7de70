// What loops of all kinds have in common: `for` expressions and `%{ for }`.
import type { Dependency } from "@tspack/core";
import type { FunctionEnvironment, HclFunction } from "../../functions/function.ts";
import type { Expression } from "../syntax/tree.ts";
import type { Evaluation } from "./evaluation.ts";
import type { EvalScope } from "./scope.ts";
import { dynamicType, numberType, stringType, type Type } from "./type.ts";
import { type AllMarks, marksOf, numberValue, sortedEntries, stringValue, unknownValue, type Value } from "./value.ts";

/** One turn: index, key, or element of a set; and the element. */
export interface Turn {
  readonly key: Value;
  readonly value: Value;
}

export interface Loop {
  /** Of an unknown collection there is one turn, with unknown values: it tells what the result waits for. */
  readonly turns: readonly Turn[];
  readonly isKnown: boolean;
  /** Those of the collection as a whole. They belong to the result; the turns go without. */
  readonly marks: AllMarks;
}

/** Goes through a collection: lists in order, maps and objects by sorted keys, sets sorted with the element as key too. */
export function iterate(collection: Expression, scope: EvalScope, evaluation: Evaluation): Loop {
  const value = evaluation.value(collection, scope);
  const marks = marksOf(value);
  if (value.kind === "null") {
    evaluation.fail({
      code: "TPK2101",
      at: collection,
      summary: "Iteration over null value",
      detail: "The value is null. A list, set, map or object is needed.",
    });
    return { turns: [], isKnown: false, marks };
  }
  if (value.kind === "sequence") {
    const isSet = value.type.kind === "set";
    evaluation.spend(value.elements.length, collection);
    return {
      turns: value.elements.map((element, index) => ({ key: isSet ? element : numberValue(index), value: element })),
      isKnown: true,
      marks,
    };
  }
  if (value.kind === "record") {
    evaluation.spend(value.entries.size, collection);
    return { turns: sortedEntries(value).map(([name, item]) => ({ key: stringValue(name), value: item })), isKnown: true, marks };
  }
  const types = value.kind === "unknown" ? turnTypes(value.type) : undefined;
  if (types === undefined) {
    evaluation.fail({
      code: "TPK2104",
      at: collection,
      summary: "Iteration over non-iterable value",
      detail: `A ${value.type.kind} has no elements. A list, set, map or object is needed.`,
    });
    return { turns: [], isKnown: false, marks };
  }
  const [key, element] = types;
  return { turns: [{ key: unknownValue(key, marks), value: unknownValue(element, marks) }], isKnown: false, marks };
}

/** A scope with the variables of one turn. */
export class LoopScope implements EvalScope {
  readonly environment: FunctionEnvironment;
  readonly #outer: EvalScope;
  readonly #keyName: string | undefined;
  readonly #valueName: string;
  readonly #turn: Turn;

  constructor(outer: EvalScope, keyName: string | undefined, valueName: string, turn: Turn) {
    this.environment = outer.environment;
    this.#outer = outer;
    this.#keyName = keyName;
    this.#valueName = valueName;
    this.#turn = turn;
  }

  variable(name: string): Value | undefined {
    // Where both have the same name, the value is meant.
    if (name === this.#valueName) return this.#turn.value;
    return name === this.#keyName ? this.#turn.key : this.#outer.variable(name);
  }

  *variableNames(): Iterable<string> {
    if (this.#keyName !== undefined) yield this.#keyName;
    yield this.#valueName;
    yield* this.#outer.variableNames();
  }

  function(name: string): HclFunction | undefined {
    return this.#outer.function(name);
  }

  functionNames(): Iterable<string> {
    return this.#outer.functionNames();
  }

  explainMissing(kind: "variable" | "function", name: string): string | undefined {
    return this.#outer.explainMissing?.(kind, name);
  }

  resolve(reference: Dependency): Value | undefined {
    return this.#outer.resolve?.(reference);
  }
}

// --- internal ---

/** Types of key and element, as far as they are one for all; undefined for what cannot be gone through. */
function turnTypes(type: Type): readonly [Type, Type] | undefined {
  switch (type.kind) {
    case "dynamic":
      return [dynamicType, dynamicType];
    case "list":
      return [numberType, type.element];
    case "tuple":
      return [numberType, dynamicType];
    case "set":
      return [type.element, type.element];
    case "map":
      return [stringType, type.element];
    case "object":
      return [stringType, dynamicType];
    default:
      return undefined;
  }
}
