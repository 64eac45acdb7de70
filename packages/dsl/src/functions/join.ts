import { convert } from "../hcl/eval/convert.ts";
import { dynamicType, stringType } from "../hcl/eval/type.ts";
import { stringValue, type Value } from "../hcl/eval/value.ts";
import { FunctionError, type HclFunction } from "./function.ts";
import { define, readText, requireArgument } from "./lift.ts";
import { refuseSize } from "./size-limit.ts";

/** `join`: the elements of one or more lists as one text (row FUN-02). Elements become text; null has none. */
export const joinFunction: HclFunction = define({
  name: "join",
  parameters: [{ name: "separator", type: stringType }],
  variadic: { name: "lists", type: dynamicType },
  returns: stringType,
  summary: "The elements of lists as one text, with a separator between them.",
  examples: [
    ['join(", ", ["a", "b"])', '"a, b"'],
    ['join("-", ["a"], ["b", "c"])', '"a-b-c"'],
  ],
  call(args) {
    const separator = readText(requireArgument(args, 0));
    const lists = args.slice(1);
    if (lists.length === 0) throw new FunctionError("at least one list is required");
    const texts = lists.flatMap((list, index) => textsOf(list, index + 1));
    refuseSize(texts.length * separator.length, 0);
    return stringValue(texts.join(separator));
  },
});

// --- internal ---

function textsOf(list: Value, argument: number): string[] {
  if (list.kind !== "sequence") throw new FunctionError("a list of strings is required", argument);
  return list.elements.map((element, index) => {
    if (element.kind === "null") throw new FunctionError(`element ${index} is null; null cannot be joined`, argument);
    if (element.kind === "sequence" || element.kind === "record") throw new FunctionError(`element ${index} must be a string`, argument);
    return readText(convert(element, stringType));
  });
}
