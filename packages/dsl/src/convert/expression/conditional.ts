// `condition ? a : b`
import { boolType, type Type } from "../../hcl/eval/type.ts";
import type { Conditional } from "../../hcl/syntax/tree.ts";
import { type Code, code, conditionText, operand, precedence } from "./code.ts";
import { coerce } from "./coerce.ts";
import { negated, nullTest, presentIf } from "./operators.ts";
import { hoist, refsIn } from "./refs.ts";
import { nothingKnown, type Scope } from "./scope.ts";
import { unify } from "./types.ts";

/** A conditional; where it picks a value or a fallback for null, `??`. Both sides are converted to the type they have in common. */
export function convertConditional(node: Conditional, scope: Scope, wanted?: Type): Code {
  if (refsIn(node.condition, scope).length > 0) return hoist(node, scope, (bound) => convertConditional(node, bound, wanted));
  const [then, otherwise] = unified(node, scope, wanted);
  const type = then.text === "undefined" ? otherwise.type : otherwise.text === "undefined" ? then.type : unify(then.type, otherwise.type);
  const sides = [then, otherwise];
  const isRef = sides.some((side) => side.isRef);
  const rest: Partial<Code> = {
    precedence: precedence.conditional,
    isRef,
    ...(isRef && !sides.every((side) => side.isRef && side.mixed !== true) ? { mixed: true } : {}),
    ...(sides.some((side) => side.holdsRefs === true) ? { holdsRefs: true } : {}),
    ...(sides.some((side) => side.nullable === true) ? { nullable: true } : {}),
    ...(sides.every((side) => side.declared === true || side.text === "[]") ? { declared: true } : {}),
    ...(sides.every((side) => side.literal === true || side.text === "undefined") ? { literal: true } : {}),
  };
  const condition = coerce(scope.convert(node.condition, scope, boolType), boolType);
  if (then.text === "true" && otherwise.text === "false") return condition;
  if (then.text === "false" && otherwise.text === "true") return negated(condition);
  if (then.text === otherwise.text) return then;
  // `length(list) > 0 ? list : []` is the list.
  if (otherwise.text === "[]" && type.kind === "list" && condition.text === `${then.text}.length > 0`) return then;
  const test = nullTest(node.condition);
  if (test !== undefined) {
    const [present, fallback] = test.isNull ? [otherwise, then] : [then, otherwise];
    const value = scope.convert(test.of, scope);
    if (present.text === value.text && value.type.kind !== "dynamic") {
      if (fallback.text === "undefined") return value;
      const text = `${operand(value, precedence.equality)} ?? ${operand(fallback, precedence.equality)}`;
      return code(text, type, { ...rest, precedence: precedence.nullish, nullable: fallback.nullable });
    }
  }
  const chained = otherwise.precedence === precedence.conditional ? otherwise.text : operand(otherwise, precedence.conditional);
  return code(`${conditionText(condition)} ? ${operand(then, precedence.nullish)} : ${chained}`, type, rest);
}

// --- internal ---

function unified(node: Conditional, scope: Scope, wanted: Type | undefined): readonly [Code, Code] {
  const inThen = { ...scope, present: presentIf(node.condition, true, scope), known: nothingKnown() };
  const inOtherwise = { ...scope, present: presentIf(node.condition, false, scope), known: nothingKnown() };
  const sides = (type: Type | undefined): readonly [Code, Code] => [
    coerce(inThen.convert(node.then, inThen, type), type),
    coerce(inOtherwise.convert(node.otherwise, inOtherwise, type), type),
  ];
  const [then, otherwise] = sides(wanted);
  if (wanted !== undefined && wanted.kind !== "dynamic") return [then, otherwise];
  const type = unify(then.type, otherwise.type);
  if (type.kind === "dynamic" || then.text === "undefined" || otherwise.text === "undefined") return [then, otherwise];
  return sides(type);
}
