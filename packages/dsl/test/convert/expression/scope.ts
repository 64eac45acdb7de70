// A scope of variables for tests of conversion: as HCL has them, and as a converted module declares them.
import { type Dependency, deferredOf } from "@tspack/core";
import { type Code, code, type ExpressionContext } from "../../../src/convert/expression/code.ts";
import { convertExpression } from "../../../src/convert/expression/convert-expression.ts";
import { Imports } from "../../../src/convert/expression/imports.ts";
import { identifier, NameScope } from "../../../src/convert/expression/names.ts";
import { typeScriptType } from "../../../src/convert/expression/types.ts";
import { functionEnvironment } from "../../../src/functions/environment.ts";
import { hclFunctions, variableDefaultFunctions } from "../../../src/functions/table.ts";
import { toProgramValue } from "../../../src/hcl/eval/deferred.ts";
import { evaluate } from "../../../src/hcl/eval/evaluate.ts";
import { fromPlain, toPlain } from "../../../src/hcl/eval/plain.ts";
import type { EvalScope } from "../../../src/hcl/eval/scope.ts";
import type { Type } from "../../../src/hcl/eval/type.ts";
import { parseTypeConstraint } from "../../../src/hcl/eval/type-constraint.ts";
import { referenceValue, type Value } from "../../../src/hcl/eval/value.ts";
import { parseExpression, parseTemplate } from "../../../src/hcl/syntax/parse.ts";
import { SourceText } from "../../../src/hcl/syntax/source-text.ts";
import type { Expression } from "../../../src/hcl/syntax/tree.ts";
import { dependencyRef, settle } from "../../../src/program/ref.ts";

/** One variable: a root name in HCL, a `const` in TypeScript. */
export interface Given {
  /** HCL type: `list(string)`. */
  readonly type: string;
  readonly value: unknown;
  /** Known later: a Ref. */
  readonly isRef?: boolean;
  /** Written out as a `const`, whose type is inferred, rather than declared with its type. */
  readonly isConst?: boolean;
}

export interface Converted {
  readonly code: Code;
  readonly imports: Imports;
  readonly notes: readonly string[];
  readonly widened: readonly string[];
}

/** Variables of a test in both languages. */
export class TestScope {
  readonly #given: ReadonlyMap<string, Given>;
  readonly #identifiers: ReadonlyMap<string, string>;

  constructor(variables: { readonly [name: string]: Given }) {
    this.#given = new Map(Object.entries(variables));
    const names = new NameScope();
    this.#identifiers = new Map([...this.#given.keys()].map((name) => [name, names.fresh(identifier(name))]));
  }

  /** With `constants` the expression stands in a function; they are kept by their text. */
  convert(text: string, kind: "expr" | "template" = "expr", constants?: Map<string, string>): Converted {
    return this.convertTree(parse(text, kind), constants);
  }

  convertTree(tree: Expression, constants?: Map<string, string>): Converted {
    const notes: string[] = [];
    const widened: string[] = [];
    const imports = new Imports();
    const context: ExpressionContext = {
      resolve: (root) => {
        const given = this.#given.get(root);
        return given === undefined ? undefined : { code: this.#reference(root, given), consumed: 0 };
      },
      imports,
      names: new NameScope(this.#identifiers.values()),
      typeOf: (expression) => evaluate(expression, this.#evalScope()).value.type,
      attention: (_node, message) => notes.push(message),
      widen: (root) => widened.push(root),
      ...(constants === undefined
        ? {}
        : {
            constant: (wish, value) => {
              const name = constants.get(value.text) ?? `${wish}${constants.size + 1}`;
              constants.set(value.text, name);
              return name;
            },
          }),
    };
    return { code: convertExpression(tree, context), imports, notes, widened };
  }

  /** What HCL makes of it, as plain data. */
  evaluate(text: string, kind: "expr" | "template" = "expr"): unknown {
    const { value, diagnostics } = evaluate(parse(text, kind), this.#evalScope());
    if (diagnostics.length > 0) throw new Error(`${text}: ${diagnostics.map(({ detail }) => detail).join("; ")}`);
    return toPlain(value);
  }

  /** What HCL's front end makes of it for the Program: what is known later is deferred. */
  programValue(text: string): unknown {
    const tree = parse(text, "expr");
    const later = (resolve?: EvalScope["resolve"]): Value => {
      const { value, diagnostics } = evaluate(tree, { ...this.#evalScope(false), ...(resolve === undefined ? {} : { resolve }) });
      if (diagnostics.length > 0) throw new Error(`${text}: ${diagnostics.map(({ detail }) => detail).join("; ")}`);
      return value.kind === "unknown" && value.reference !== undefined ? (resolve?.(value.reference) ?? value) : value;
    };
    return toProgramValue(later(), { label: text, evaluate: (scope) => later((reference) => fromPlain(scope.value(reference))) });
  }

  /** Names and values that the generated code finds. */
  bindings(): { readonly [name: string]: unknown } {
    return Object.fromEntries(
      [...this.#given].map(([name, { value, isRef }]) => {
        return [
          this.#identifiers.get(name) ?? name,
          isRef === true ? dependencyRef(`data.test.${name}`, dependencyOf(name)) : (value ?? undefined),
        ];
      }),
    );
  }

  /** Declarations of these names for the type check. */
  declarations(): string {
    const lines = [...this.#given].map(([name, { type, value, isRef, isConst }]) => {
      const id = this.#identifiers.get(name) ?? name;
      if (isConst === true) return `const ${id} = ${JSON.stringify(value)};`;
      const written = type === "any" ? "any" : typeScriptType(typeFrom(type));
      const full = value === null ? `${written} | undefined` : written;
      return isRef === true ? `declare const ${id}: ${type === "any" ? "UntypedRef" : `RefOf<${full}>`};` : `declare const ${id}: ${full};`;
    });
    return lines.join("\n");
  }

  /** A result of generated code with its Refs resolved, as plain data: null and undefined are one. */
  settled(result: unknown): unknown {
    const value = (dependency: Dependency): unknown => {
      const root: unknown = dependency.kind === "data" ? this.#given.get(dependency.name)?.value : undefined;
      return dependency.path.reduce((from: unknown, key) => (Object(from) as { [key: string | number]: unknown })[key], root);
    };
    return settle(result, { value });
  }

  #reference(root: string, { type, value, isRef, isConst }: Given): Code {
    const hclType = typeFrom(type);
    return code(this.#identifiers.get(root) ?? root, hclType, {
      isRef: isRef === true,
      ...(isConst === true || isRef === true ? {} : { declared: true }),
      ...(value === null ? { nullable: true } : {}),
      ...(type === "any" && isRef !== true ? { untyped: true } : {}),
      ...(isConst === true && ["string", "number", "bool"].includes(hclType.kind) ? { literal: true } : {}),
    });
  }

  #evalScope(isComplete = true): EvalScope {
    const functions = new Map([...hclFunctions(), ...variableDefaultFunctions()]);
    return {
      variable: (name) => {
        const given = this.#given.get(name);
        if (given === undefined) return undefined;
        if (given.isRef === true && !isComplete) return referenceValue(dependencyOf(name), typeFrom(given.type));
        return fromPlain(given.value, typeFrom(given.type));
      },
      variableNames: () => this.#given.keys(),
      function: (name) => functions.get(name),
      functionNames: () => functions.keys(),
      environment: functionEnvironment({ environment: process.env, templateDirectory: process.cwd(), workingDirectory: process.cwd() }),
    };
  }
}

/** True if anything in it is a Ref. */
export function holdsRefs(value: unknown): boolean {
  if (deferredOf(value) !== undefined) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsRefs);
}

// --- internal ---

function dependencyOf(name: string): Dependency {
  return { kind: "data", type: "test", name, path: [] };
}

function parse(text: string, kind: "expr" | "template"): Expression {
  const source = new SourceText("test.hcl", text);
  const { tree, diagnostics } = kind === "expr" ? parseExpression(source) : parseTemplate(source);
  if (diagnostics.length > 0) throw new Error(`${text}: ${diagnostics.map(({ detail }) => detail).join("; ")}`);
  return tree;
}

function typeFrom(text: string): Type {
  const source = new SourceText("type.hcl", text);
  return parseTypeConstraint(parseExpression(source).tree).type;
}
