// The functions that the language's tests call: Packer's, and one of their own.
import type { HclFunction } from "../../../src/functions/function.ts";
import { graphemesOf } from "../../../src/functions/graphemes.ts";
import { hclFunctions } from "../../../src/functions/table.ts";
import { numberType, stringType } from "../../../src/hcl/eval/type.ts";
import { numberValue } from "../../../src/hcl/eval/value.ts";

/** Length in grapheme clusters. Packer has no function of this name. */
const strlen: HclFunction = {
  name: "strlen",
  parameters: [{ name: "text", type: stringType }],
  returns: () => numberType,
  call: ([text]) => numberValue(text?.kind === "string" ? graphemesOf(text.value).length : 0),
  doc: { summary: "Length in characters.", signature: "strlen(text)", examples: [] },
};

/** Packer's functions, and `strlen`. */
export const languageFunctions: readonly HclFunction[] = [...hclFunctions().values(), strlen];
