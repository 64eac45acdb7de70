// What is in reach while one expression is converted.
import type { Type } from "../../hcl/eval/type.ts";
import type { Expression } from "../../hcl/syntax/tree.ts";
import { type Code, code, type ExpressionContext, precedence } from "./code.ts";
import type { NameScope } from "./names.ts";

/** Immutable; a function's body is converted in a scope made from the one around it. */
export interface Scope {
  readonly context: ExpressionContext;
  readonly names: NameScope;
  /** Variables of `for` expressions, by their HCL name. */
  readonly variables: ReadonlyMap<string, Code>;
  /** Refs whose value has a name here (`ref.map((name) => …)`), by their text. */
  readonly bound: ReadonlyMap<string, Code>;
  /** How named values of Refs are used, by name: the types that are wanted of them, `dynamic` where any will do. */
  readonly uses?: Map<string, Set<Type["kind"]>> | undefined;
  /** Texts of what is known not to be null here. */
  readonly present: ReadonlySet<string>;
  /** Levels of indentation. */
  readonly level: number;
  /** What was found out in this scope, so that nothing is looked at twice. */
  readonly known: Known;
  /** Converts a part. With a wanted type, single values are converted to it where HCL does so by itself. */
  convert(expression: Expression, scope: Scope, wanted?: Type): Code;
}

/** Findings by expression. They hold for the variables, bound names and present values of one scope. */
export interface Known {
  /** Refs that are read. */
  readonly refs: WeakMap<Expression, readonly Code[]>;
  /** Code, where no type was wanted. */
  readonly codes: WeakMap<Expression, Code>;
}

export function nothingKnown(): Known {
  return { refs: new WeakMap(), codes: new WeakMap() };
}

/** The scope with another receiver of what the user should look at. Code that was made before is made again, for its messages. */
export function listening(scope: Scope, attention: ExpressionContext["attention"]): Scope {
  const { context } = scope;
  return {
    ...scope,
    known: { refs: scope.known.refs, codes: new WeakMap() },
    context: {
      resolve: (root, path) => context.resolve(root, path),
      typeOf: (expression) => context.typeOf(expression),
      widen: (root, path) => context.widen?.(root, path),
      attention,
      imports: context.imports,
      names: context.names,
      level: context.level,
      ...(context.constant === undefined ? {} : { constant: (wish, value) => context.constant?.(wish, value) ?? value.text }),
    },
  };
}

/** The wanted type of what goes into text: anything that has a text form, as it is. */
export const inText: Type = { kind: "dynamic" };

/** A scope for the body of a function: `add` gets fresh names for its parameters. */
export function functionScope(scope: Scope, variables: (names: NameScope) => Iterable<readonly [string, Code]>): Scope {
  const names = scope.names.child();
  return { ...scope, names, variables: new Map([...scope.variables, ...variables(names)]), known: nothingKnown() };
}

/** The scope one level further in. */
export function deeper(scope: Scope): Scope {
  return { ...scope, level: scope.level + 1 };
}

/** The expression as it was written, on one line. */
export function sourceOf(node: Expression): string {
  return node.source.text.slice(node.start, node.end).replace(/\s+/g, " ");
}

/** Stands for what cannot be expressed: `undefined`, with the original beside it. */
export function todo(node: Expression, scope: Scope, reason: string, type: Type = { kind: "dynamic" }): Code {
  scope.context.attention(node, reason);
  return marker(node, type);
}

/** The mark that stands for an expression that could not be expressed. */
export function marker(node: Expression, type: Type = { kind: "dynamic" }): Code {
  // `never` goes wherever a value is needed.
  const text = `undefined as never /* TODO(tspack): ${sourceOf(node).replaceAll("*/", "* /")} */`;
  return code(text, type, { nullable: true, precedence: precedence.relational });
}

/** True if something in the code could not be expressed. */
export function isMarked({ text }: Code): boolean {
  return text.includes("/* TODO(tspack): ");
}
