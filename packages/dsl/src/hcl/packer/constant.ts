import type { Expression } from "../syntax/tree.ts";

/** The text that an expression is, if it is nothing but text; undefined when it has to be evaluated. */
export function constantText(expression: Expression): string | undefined {
  if (expression.kind === "parentheses") return constantText(expression.value);
  if (expression.kind !== "template") return undefined;
  let text = "";
  for (const part of expression.parts) {
    if (part.kind !== "text") return undefined;
    text += part.value;
  }
  return text;
}

/** True or false where an expression is nothing else, also as text; undefined otherwise. */
export function constantBool(expression: Expression): boolean | undefined {
  if (expression.kind === "parentheses") return constantBool(expression.value);
  if (expression.kind === "bool") return expression.value;
  const text = constantText(expression);
  return text === "true" ? true : text === "false" ? false : undefined;
}
