// Completion of a line in the console: names of variables, of what is in them, and of functions.
import type { EvalScope } from "../hcl/eval/scope.ts";
import type { Value } from "../hcl/eval/value.ts";

/** Names that may stand at the end of a line of HCL, whole, and the part of the line that they replace. */
export function completeExpression(line: string, scope: EvalScope): readonly [readonly string[], string] {
  const word = /[\p{ID_Continue}_.-]*$/u.exec(line)?.[0] ?? "";
  const steps = word.split(".");
  const last = steps.pop() ?? "";
  const parent = steps.join(".");
  const names =
    parent === "" ? [...scope.variableNames(), ...Array.from(scope.functionNames(), (name) => `${name}(`)] : namesIn(steps, scope);
  const found = names.filter((name) => name.startsWith(last)).sort();
  return [found.map((name) => (parent === "" ? name : `${parent}.${name}`)), word];
}

// --- internal ---

function namesIn([root = "", ...steps]: readonly string[], scope: EvalScope): readonly string[] {
  let value: Value | undefined = scope.variable(root);
  for (const step of steps) value = value?.kind === "record" ? value.entries.get(step) : undefined;
  // Names inside of a secret are no secret, but what they say might be.
  return value?.kind === "record" && !value.sensitive
    ? [...value.entries.keys()].filter((name) => /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(name))
    : [];
}
