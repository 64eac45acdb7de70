// Calls of functions as templates write them, for tables of tests.
import * as assert from "uvu/assert";
import { functionEnvironment } from "../../src/functions/environment.ts";
import type { FunctionEnvironment, HclFunction } from "../../src/functions/function.ts";
import { jsonText } from "../../src/functions/json-text.ts";
import { evaluate } from "../../src/hcl/eval/evaluate.ts";
import { typeText } from "../../src/hcl/eval/type.ts";
import type { Value } from "../../src/hcl/eval/value.ts";
import { parseExpression } from "../../src/hcl/syntax/parse.ts";
import { SourceText } from "../../src/hcl/syntax/source-text.ts";

/** The clock of all calls: 2018-01-02T23:12:01Z. */
export const clock = 1_514_934_721;

/** A table: an expression and the JSON of its result, or what its refusal says. */
export type Cases = readonly (readonly [expression: string, expected: string | RegExp])[];

/** Evaluates expressions with some functions in scope. */
export class Calls {
  readonly #functions: ReadonlyMap<string, HclFunction>;
  readonly #environment: FunctionEnvironment;

  constructor(functions: readonly HclFunction[], folder = "/") {
    this.#functions = new Map(functions.map((one) => [one.name, one]));
    this.#environment = functionEnvironment({
      environment: { SOURCE_DATE_EPOCH: String(clock) },
      templateDirectory: folder,
      workingDirectory: folder,
    });
  }

  /** The value of an expression; throws its first error. */
  value(expression: string): Value {
    const { tree, diagnostics } = parseExpression(new SourceText("test", expression));
    const evaluated = diagnostics.length > 0 ? undefined : evaluate(tree, this.#scope());
    const [problem] = [...diagnostics, ...(evaluated?.diagnostics ?? [])];
    if (problem !== undefined || evaluated === undefined) throw new Error(problem?.detail ?? problem?.summary);
    return evaluated.value;
  }

  /** The result as JSON, with `<`, `>` and `&` as they are. */
  json(expression: string): string {
    return jsonText(this.value(expression)).replace(
      /(?<!\\)((?:\\\\)*)\\u(003[ce]|0026)/g,
      (_, before: string, code: string) => before + String.fromCharCode(Number.parseInt(code, 16)),
    );
  }

  type(expression: string): string {
    return typeText(this.value(expression).type);
  }

  /** Each case gives what it says; all that do not are told at once. */
  check(cases: Cases): void {
    const wrong = cases.flatMap(([expression, expected]) => {
      let found: string;
      try {
        found = this.json(expression);
        if (expected === found) return [];
      } catch (error) {
        found = `refused: ${error instanceof Error ? error.message : String(error)}`;
        if (expected instanceof RegExp && expected.test(found)) return [];
      }
      return [`${expression}\n  expected ${expected}\n  found    ${found}`];
    });
    assert.equal(wrong, []);
  }

  /** Each function has documentation, and its examples hold. */
  checkExamples(): void {
    for (const { name, doc } of this.#functions.values()) {
      assert.ok(doc !== undefined && doc.examples.length > 0, `${name} has no example`);
      this.check(doc?.examples.map(({ code, result }) => [code, result] as const) ?? []);
    }
  }

  #scope() {
    const functions = this.#functions;
    return {
      environment: this.#environment,
      variable: () => undefined,
      variableNames: () => [],
      function: (name: string) => functions.get(name),
      functionNames: () => functions.keys(),
    };
  }
}
