// `jsonencode` and `jsondecode` (row FUN-05).
import { dynamicType, stringType } from "../hcl/eval/type.ts";
import { stringValue } from "../hcl/eval/value.ts";
import type { HclFunction } from "./function.ts";
import { parseJsonValue } from "./json-parse.ts";
import { jsonText } from "./json-text.ts";
import { define, readText, requireArgument } from "./lift.ts";

export const jsonFunctions: readonly HclFunction[] = [
  define({
    name: "jsondecode",
    parameters: [{ name: "string", type: stringType }],
    returns: dynamicType,
    summary: "The value that JSON text holds.",
    examples: [['jsondecode("{\\"hello\\": [1, true]}")', '{"hello":[1,true]}']],
    call: (args) => parseJsonValue(readText(requireArgument(args, 0))),
  }),
  define({
    name: "jsonencode",
    parameters: [{ name: "value", type: dynamicType, allowNull: true }],
    returns: stringType,
    summary: "A value as JSON text, with sorted keys and without blanks.",
    examples: [['jsonencode({ b: 1, a: ["x", null] })', '"{\\"a\\":[\\"x\\",null],\\"b\\":1}"']],
    call: (args) => stringValue(jsonText(requireArgument(args, 0))),
  }),
];
