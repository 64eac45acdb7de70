// `validation` blocks of variables (rows BLK-04, VAR-10, MSG-01).
import type { Diagnostic } from "@tspack/core";
import { ConversionError } from "../eval/conversion-error.ts";
import { convert } from "../eval/convert.ts";
import { evaluate } from "../eval/evaluate.ts";
import { referencesOf } from "../eval/references.ts";
import { boolType } from "../eval/type.ts";
import { isWhollyKnown, objectValue, type Value } from "../eval/value.ts";
import { constantText } from "./constant.ts";
import type { ValidationBlock } from "./declarations.ts";
import { problemAt } from "./problem.ts";
import { type Language, place } from "./template-scope.ts";
import { nameNodeOf, type VariableState } from "./variables.ts";

/**
 * Checks a variable's value by its rules. In `language` all functions are there, and file functions start in the working directory.
 * A value that is not known (since it is wrong) is not checked.
 */
export function validateVariable(state: VariableState, language: Language): Diagnostic[] {
  return state.block.validations.flatMap((rule) => {
    const scoped = checkReferences(rule, state);
    if (scoped.length > 0 || !isWhollyKnown(state.value)) return scoped;
    return checkRule(rule, state, language);
  });
}

// --- internal ---

/** A condition speaks of its own variable and of nothing else. */
function checkReferences({ condition }: ValidationBlock, { name }: VariableState): Diagnostic[] {
  const where = `in variable "${name}"`;
  const summary = "Invalid reference in variable validation";
  let mentionsItself = false;
  const diagnostics: Diagnostic[] = [];
  for (const { root, path, node } of referencesOf(condition)) {
    if (root === "var" && path[0] === name) mentionsItself = true;
    else {
      const detail = `The condition may refer only to its own variable, var.${name}.`;
      diagnostics.push(problemAt(node, { code: "TPK2204", summary, detail, where }));
    }
  }
  if (!mentionsItself && diagnostics.length === 0) {
    const detail = `The condition must refer to var.${name}: otherwise it says nothing about the value.`;
    diagnostics.push(problemAt(condition, { code: "TPK2204", summary: "Invalid variable validation condition", detail, where }));
  }
  return diagnostics;
}

function checkRule(rule: ValidationBlock, state: VariableState, language: Language): Diagnostic[] {
  const { name, value } = state;
  const where = `in variable "${name}"`;
  const roots = new Map<string, Value>([["var", objectValue(new Map([[name, value]]))]]);
  const result = evaluate(rule.condition, place(language, () => roots).scope());
  if (result.diagnostics.length > 0) return result.diagnostics.map((one) => ({ ...one, where }));
  let isMet: Value;
  try {
    isMet = convert(result.value, boolType);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    const detail = `The condition must be true or false: ${error.message}.`;
    return [problemAt(rule.condition, { code: "TPK2204", summary: "Invalid validation condition", detail, where })];
  }
  if (isMet.kind === "bool" && isMet.value) return [];
  if (isMet.kind !== "bool") {
    const detail = `The condition must be true or false, and it is ${isMet.kind === "null" ? "null" : "not known"}.`;
    return [problemAt(rule.condition, { code: "TPK2204", summary: "Invalid validation condition", detail, where })];
  }
  const { given, block } = state;
  const at = rule.condition.source.range(rule.condition.start, rule.condition.end);
  return [
    problemAt((given === undefined ? block.default : given.attribute?.value) ?? nameNodeOf(block), {
      code: "TPK1103",
      summary: `Invalid value for ${given?.origin ?? "default"} variable`,
      detail: constantText(rule.errorMessage) ?? "",
      where,
      related: [{ at, message: "This is what the validation rule says." }],
    }),
  ];
}
