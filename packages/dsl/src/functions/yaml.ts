// `yamldecode` and `yamlencode` (row FUN-05).
import { dynamicType, stringType } from "../hcl/eval/type.ts";
import { stringValue } from "../hcl/eval/value.ts";
import type { HclFunction } from "./function.ts";
import { define, readText, requireArgument } from "./lift.ts";
import { decodeYaml } from "./yaml-decode.ts";
import { encodeYaml } from "./yaml-encode.ts";

export const yamlFunctions: readonly HclFunction[] = [
  define({
    name: "yamldecode",
    parameters: [{ name: "string", type: stringType }],
    returns: dynamicType,
    summary: "The value that a YAML document holds.",
    examples: [['yamldecode("a: 1\\nb: [true, x]\\n")', '{"a":1,"b":[true,"x"]}']],
    call: (args) => decodeYaml(readText(requireArgument(args, 0))),
  }),
  define({
    name: "yamlencode",
    parameters: [{ name: "value", type: dynamicType, allowNull: true }],
    returns: stringType,
    summary: "A value as a YAML document, with sorted keys and text in quotes.",
    examples: [['yamlencode({ a: 1, b: ["x"] })', '"\\"a\\": 1\\n\\"b\\":\\n- \\"x\\"\\n"']],
    call: (args) => stringValue(encodeYaml(requireArgument(args, 0))),
  }),
];
