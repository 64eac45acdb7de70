import { ConversionError } from "../hcl/eval/conversion-error.ts";
import { convert } from "../hcl/eval/convert.ts";
import { dynamicType } from "../hcl/eval/type.ts";
import { parseTypeConstraint } from "../hcl/eval/type-constraint.ts";
import type { HclFunction } from "./function.ts";
import { failed, notCalled } from "./try.ts";

/** `convert`: a value in another type, which is written as a type constraint (row FUD-01). */
export const convertFunction: HclFunction = {
  name: "convert",
  parameters: [
    { name: "value", type: dynamicType, allowNull: true },
    { name: "type", type: dynamicType },
  ],
  returns: () => dynamicType,
  call: notCalled,
  special(call) {
    const [expression, constraint, ...others] = call.args;
    if (expression === undefined || constraint === undefined || others.length > 0) {
      return failed(call, 'The function "convert" takes 2 arguments: a value and a type.');
    }
    const { type, diagnostics: ofType } = parseTypeConstraint(constraint);
    const { value, diagnostics } = call.evaluate(expression);
    const all = [...diagnostics, ...ofType];
    if (all.some(({ severity }) => severity === "error")) return { value, diagnostics: all };
    try {
      return { value: convert(value, type), diagnostics: all };
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      return failed(call, `The value cannot be converted: ${error.message}.`);
    }
  },
  doc: {
    summary: "A value in a type: `string`, `list(number)`, `object({ … })`. In TypeScript the type is a text.",
    signature: "convert(value, type)",
    examples: [
      { code: 'convert("5", number)', typescript: 'convert("5", "number")', result: "5" },
      { code: 'convert([1, "a"], list(string))', typescript: 'convert([1, "a"], "list(string)")', result: '["1","a"]' },
    ],
  },
};
