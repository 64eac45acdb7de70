// `try` and `can`: functions that see the errors of their arguments.
import { type Diagnostic, InternalError } from "@tspack/core";
import type { Evaluated } from "../hcl/eval/evaluate.ts";
import { boolType, dynamicType } from "../hcl/eval/type.ts";
import { boolValue, deepMarksOf, isWhollyKnown, unknownValue, type Value } from "../hcl/eval/value.ts";
import type { HclFunction, SpecialCall } from "./function.ts";

/**
 * `try`: the value of the first expression that has no errors. While that depends on something unknown the result is unknown, since the
 * expression may still fail then.
 */
export const tryFunction: HclFunction = {
  name: "try",
  parameters: [],
  variadic: { name: "expressions", type: dynamicType },
  returns: () => dynamicType,
  call: notCalled,
  special(call) {
    const failures: Diagnostic[] = [];
    for (const expression of call.args) {
      const attempt = call.evaluate(expression);
      const errors = attempt.diagnostics.filter(({ severity }) => severity === "error");
      if (errors.length === 0) return { value: settledOnly(attempt.value), diagnostics: [] };
      failures.push(...errors);
    }
    return failed(
      call,
      failures.length === 0
        ? "At least one argument is required."
        : `No expression succeeded:\n${failures.map(sentenceOf).join("\n")}\nAt least one expression must produce a result.`,
    );
  },
  doc: {
    summary: "The first expression that can be evaluated. In TypeScript of functions: the first that neither throws nor gives undefined.",
    signature: "try(...expressions)",
    examples: [{ code: 'try("first", "second")', result: '"first"' }],
  },
};

/** `can`: whether an expression has no errors; unknown while it depends on something unknown. */
export const canFunction: HclFunction = {
  name: "can",
  parameters: [{ name: "expression", type: dynamicType }],
  returns: () => boolType,
  call: notCalled,
  special(call) {
    const [expression, ...others] = call.args;
    if (expression === undefined || others.length > 0) return failed(call, 'The function "can" takes 1 argument.');
    const { value, diagnostics } = call.evaluate(expression);
    if (diagnostics.some(({ severity }) => severity === "error")) return { value: boolValue(false), diagnostics: [] };
    return { value: isWhollyKnown(value) ? boolValue(true) : unknownValue(boolType, deepMarksOf(value)), diagnostics: [] };
  },
  doc: {
    summary: "Whether an expression can be evaluated. In TypeScript of a function: whether it neither throws nor gives undefined.",
    signature: "can(expression)",
    examples: [{ code: 'can("text")', result: "true" }],
  },
};

/** A special call that failed as a whole. */
export function failed({ at }: SpecialCall, detail: string): Evaluated {
  const subject = at.source.range(at.start, at.end);
  const diagnostic: Diagnostic = { severity: "error", code: "TPK2103", summary: "Error in function call", detail, subject };
  return { value: unknownValue(dynamicType), diagnostics: [diagnostic] };
}

/** For functions that have `special`. */
export function notCalled(): never {
  throw new InternalError("a function that takes expressions was called with values");
}

// --- internal ---

/** A value with unknown parts becomes unknown as a whole: evaluated again, another expression may give another shape. */
function settledOnly(value: Value): Value {
  return isWhollyKnown(value) ? value : unknownValue(dynamicType, deepMarksOf(value));
}

function sentenceOf({ summary, detail, subject }: Diagnostic): string {
  const place = subject === undefined ? "" : ` (${subject.file} line ${subject.start.line})`;
  return `- ${detail ?? summary}${place}`;
}
