// Values as JSON text, as cty writes it: keys sorted, numbers with all their digits, what HTML minds escaped.
import { isInfinite, numberText } from "../hcl/eval/number.ts";
import { sortedEntries, type Value } from "../hcl/eval/value.ts";
import { FunctionError } from "./function.ts";

/** The value as JSON. Throws `FunctionError` for infinity, which JSON has not. */
export function jsonText(value: Value): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "string":
      return quoteJson(value.value);
    case "number":
      if (isInfinite(value.value)) throw new FunctionError("infinity cannot be written as JSON");
      return numberText(value.value);
    case "bool":
      return String(value.value);
    case "sequence":
      return `[${value.elements.map(jsonText).join(",")}]`;
    case "record":
      return `{${sortedEntries(value)
        .map(([name, element]) => `${quoteJson(name)}:${jsonText(element)}`)
        .join(",")}}`;
    case "unknown":
      throw new FunctionError("a value that is not known yet cannot be written as JSON");
  }
}

// --- internal ---

/** As Go's encoding/json does by default: `<`, `>`, `&` and the two line ends of Unicode never stand in the text as they are. */
function quoteJson(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
