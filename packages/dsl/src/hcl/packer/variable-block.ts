import type { Diagnostic } from "@tspack/core";
import type { Block } from "../syntax/tree.ts";
import { blocksOf, findAttribute } from "./body.ts";
import { constantBool, constantText } from "./constant.ts";
import type { ValidationBlock, VariableBlock } from "./declarations.ts";
import { blockTitle, problemAt } from "./problem.ts";

/** A `variable` block taken apart, with what is wrong about its constants (rows BLK-03, BLK-04). */
export function variableFromBlock(
  name: string,
  block: Block,
): { readonly variable: VariableBlock; readonly diagnostics: readonly Diagnostic[] } {
  const where = `in ${blockTitle(block)}`;
  const diagnostics: Diagnostic[] = [];
  const sensitive = findAttribute(block.body, "sensitive");
  if (sensitive !== undefined && constantBool(sensitive.value) === undefined) {
    const detail = "sensitive must be true or false as such: it is read before anything is evaluated.";
    diagnostics.push(problemAt(sensitive.value, { code: "TPK2204", summary: "Not a constant", detail, where }));
  }
  const description = findAttribute(block.body, "description");
  if (description !== undefined && constantText(description.value) === undefined) {
    const detail = "The description of a variable must be plain text.";
    diagnostics.push(problemAt(description.value, { code: "TPK2204", summary: "Not a constant", detail, where }));
  }
  const validations: ValidationBlock[] = [];
  for (const validation of blocksOf(block.body).filter(({ type }) => type === "validation")) {
    const condition = findAttribute(validation.body, "condition")?.value;
    const errorMessage = findAttribute(validation.body, "error_message")?.value;
    // What is missing has been told.
    if (condition === undefined || errorMessage === undefined) continue;
    diagnostics.push(...checkMessage(errorMessage, where));
    validations.push({ block: validation, condition, errorMessage });
  }
  return {
    variable: {
      name,
      node: block,
      type: findAttribute(block.body, "type"),
      default: findAttribute(block.body, "default")?.value,
      description,
      sensitive,
      validations,
    },
    diagnostics,
  };
}

// --- internal ---

function checkMessage(message: ValidationBlock["errorMessage"], where: string): Diagnostic[] {
  const complain = (detail: string): Diagnostic[] => [
    problemAt(message, {
      code: "TPK2204",
      summary: "Invalid validation error message",
      detail,
      hint: 'For example: error_message = "The size must be at least 10."',
      where,
    }),
  ];
  const text = constantText(message);
  if (text === undefined) return complain("The message must be plain text, without interpolation.");
  if (text === "") return complain("The message must not be empty: it is all that users are told.");
  // A script without cases (Chinese) starts with neither.
  if (/^\p{Ll}/u.test(text) || !/[.?!]$/.test(text.trimEnd())) {
    return complain(
      "The message must be a sentence: it starts with an upper-case letter, and ends in a period, a question mark or an exclamation mark.",
    );
  }
  return [];
}
