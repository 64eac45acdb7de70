// The functions that the language's tests call, and one of their own.
import { concat } from "../../../src/functions/collection-lists.ts";
import { keys, merge } from "../../../src/functions/collection-maps.ts";
import { length } from "../../../src/functions/collection-search.ts";
import { formatFunctions } from "../../../src/functions/format.ts";
import { FunctionError, type HclFunction } from "../../../src/functions/function.ts";
import { graphemesOf } from "../../../src/functions/graphemes.ts";
import { jsonText } from "../../../src/functions/json-text.ts";
import { stringFunctions } from "../../../src/functions/string.ts";
import { canFunction, tryFunction } from "../../../src/functions/try.ts";
import { compareNumbers } from "../../../src/hcl/eval/number.ts";
import { fromPlain } from "../../../src/hcl/eval/plain.ts";
import { dynamicType, numberType, stringType } from "../../../src/hcl/eval/type.ts";
import { numberValue, stringValue, type Value } from "../../../src/hcl/eval/value.ts";

const doc = { summary: "", signature: "", examples: [] };

/** Length in grapheme clusters. */
export const strlen: HclFunction = {
  name: "strlen",
  parameters: [{ name: "text", type: stringType }],
  returns: () => numberType,
  call: ([text]) => numberValue(text?.kind === "string" ? graphemesOf(text.value).length : 0),
  doc,
};

const extreme = (name: string, sign: number): HclFunction => ({
  name,
  parameters: [],
  variadic: { name: "numbers", type: numberType },
  returns: () => numberType,
  call(args) {
    let best: Value | undefined;
    for (const one of args) {
      if (one.kind === "number" && (best?.kind !== "number" || compareNumbers(one.value, best.value) * sign > 0)) best = one;
    }
    if (best === undefined) throw new FunctionError("at least one number is needed");
    return best;
  },
  doc,
});

/** What the vectors and our own tests call. */
export const languageFunctions: readonly HclFunction[] = [
  ...stringFunctions,
  ...formatFunctions,
  concat,
  length,
  merge,
  keys,
  tryFunction,
  canFunction,
  strlen,
  extreme("max", 1),
  extreme("min", -1),
  {
    name: "jsonencode",
    parameters: [{ name: "value", type: dynamicType, allowNull: true }],
    returns: () => stringType,
    call: ([value]) => stringValue(value === undefined ? "" : jsonText(value)),
    doc,
  },
  {
    name: "jsondecode",
    parameters: [{ name: "text", type: stringType }],
    returns: () => dynamicType,
    call: ([text]) => fromPlain(text?.kind === "string" ? JSON.parse(text.value) : undefined),
    doc,
  },
];
