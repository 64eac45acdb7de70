import { stringType } from "../hcl/eval/type.ts";
import { stringValue } from "../hcl/eval/value.ts";
import { textOf } from "./argument.ts";
import type { HclFunction } from "./function.ts";

/** `env`: a variable of the environment, empty when it is not set. Exists in defaults of variables only (rows FUN-12, REF-12). */
export const env: HclFunction = {
  name: "env",
  parameters: [{ name: "key", type: stringType }],
  impure: true,
  returns: () => stringType,
  call: ([key], { environment }) => stringValue(environment[textOf(key)] ?? ""),
  doc: {
    summary: "A variable of the environment; empty when it is not set. In templates only in the default of a variable.",
    signature: "env(name)",
    examples: [{ code: 'env("RELEASE")', result: '"trixie"' }],
  },
};
