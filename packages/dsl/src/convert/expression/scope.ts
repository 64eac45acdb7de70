// What is in reach while one expression is converted.
import type { Type } from "../../hcl/eval/type.ts";
import type { Expression } from "../../hcl/syntax/tree.ts";
import { type Code, code, type ExpressionContext } from "./code.ts";
import type { NameScope } from "./names.ts";

/** Immutable; a function's body is converted in a scope made from the one around it. */
export interface Scope {
  readonly context: ExpressionContext;
  readonly names: NameScope;
  /** Variables of `for` expressions, by their HCL name. */
  readonly variables: ReadonlyMap<string, Code>;
  /** Refs whose value has a name here (`ref.map((name) => …)`), by their text. */
  readonly bound: ReadonlyMap<string, Code>;
  /** Texts of what is known not to be null here. */
  readonly present: ReadonlySet<string>;
  /** Levels of indentation. */
  readonly level: number;
  /** What was found to be read of Refs, by expression: for these variables and bound names. */
  readonly refs: WeakMap<Expression, readonly Code[]>;
  /** Converts a part. With a wanted type, single values are converted to it where HCL does so by itself. */
  convert(expression: Expression, scope: Scope, wanted?: Type): Code;
}

/** A scope for the body of a function: `add` gets fresh names for its parameters. */
export function functionScope(scope: Scope, variables: (names: NameScope) => Iterable<readonly [string, Code]>): Scope {
  const names = scope.names.child();
  return { ...scope, names, variables: new Map([...scope.variables, ...variables(names)]), refs: new WeakMap() };
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
  return code(`undefined /* TODO(tspack): ${sourceOf(node).replaceAll("*/", "* /")} */`, type, { nullable: true });
}
