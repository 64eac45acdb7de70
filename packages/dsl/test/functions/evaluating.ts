// Expressions of HCL evaluated with all functions, as a local of a template would be.
import { functionEnvironment } from "../../src/functions/environment.ts";
import type { FunctionEnvironment, HclFunction } from "../../src/functions/function.ts";
import { hclFunctions } from "../../src/functions/table.ts";
import { type Evaluated, evaluate } from "../../src/hcl/eval/evaluate.ts";
import { toPlain } from "../../src/hcl/eval/plain.ts";
import type { EvalScope } from "../../src/hcl/eval/scope.ts";
import type { Value } from "../../src/hcl/eval/value.ts";
import { parseExpression } from "../../src/hcl/syntax/parse.ts";
import { SourceText } from "../../src/hcl/syntax/source-text.ts";

export interface Evaluating {
  readonly variables?: { readonly [name: string]: Value };
  readonly environment?: FunctionEnvironment;
  readonly functions?: ReadonlyMap<string, HclFunction>;
}

/** The world of functions with nothing in its environment. */
export function world(changes: Partial<Parameters<typeof functionEnvironment>[0]> = {}): FunctionEnvironment {
  return functionEnvironment({ environment: {}, templateDirectory: "/templates", workingDirectory: "/work", ...changes });
}

/** What comes of an expression. */
export function evaluated(text: string, { variables = {}, environment = world(), functions = hclFunctions() }: Evaluating = {}): Evaluated {
  const { tree, diagnostics } = parseExpression(new SourceText("test.pkr.hcl", text));
  if (diagnostics.length > 0) throw new Error(`${text}: ${diagnostics[0]?.summary}: ${diagnostics[0]?.detail}`);
  const scope: EvalScope = {
    environment,
    variable: (name) => variables[name],
    variableNames: () => Object.keys(variables),
    function: (name) => functions.get(name),
    functionNames: () => functions.keys(),
  };
  return evaluate(tree, scope);
}

/** Its value; throws an error with the details of what is wrong. */
export function valueIn(text: string, options?: Evaluating): Value {
  const { value, diagnostics } = evaluated(text, options);
  if (diagnostics.length > 0) throw new Error(`${text}: ${diagnostics.map(({ detail, summary }) => detail ?? summary).join(" ")}`);
  return value;
}

/** Its value as JSON. */
export function jsonOf(text: string, options?: Evaluating): string {
  return JSON.stringify(toPlain(valueIn(text, options)));
}

/** The details of its errors. */
export function errorsOf(text: string, options?: Evaluating): string {
  return evaluated(text, options)
    .diagnostics.map(({ detail, summary }) => detail ?? summary)
    .join(" ");
}
