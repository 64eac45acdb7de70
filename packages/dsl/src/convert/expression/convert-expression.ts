import { boolType, dynamicType, type Type } from "../../hcl/eval/type.ts";
import type { Expression } from "../../hcl/syntax/tree.ts";
import { convertAccess, convertSplat } from "./access.ts";
import { convertCall } from "./call.ts";
import { type Code, code, type ExpressionContext } from "./code.ts";
import { coerce, numberLiteral } from "./coerce.ts";
import { convertObject, convertTuple } from "./collections.ts";
import { convertConditional } from "./conditional.ts";
import { convertFor } from "./iteration.ts";
import { convertBinary, convertUnary } from "./operators.ts";
import { type Scope, todo } from "./scope.ts";
import { convertTemplate } from "./template.ts";

/**
 * Converts an HCL expression to TypeScript with the same value. Never throws for what cannot be expressed: a marked `undefined` stands
 * there, and the context is told.
 */
export function convertExpression(expression: Expression, context: ExpressionContext, wanted?: Type): Code {
  return convert(expression, expressionScope(context), wanted);
}

/** The scope of a whole expression: for loops of statements, such as those of `dynamic` blocks. */
export function expressionScope(context: ExpressionContext): Scope {
  return {
    context,
    names: context.names.child(),
    variables: new Map(),
    bound: new Map(),
    present: new Set(),
    refs: new WeakMap(),
    level: context.level ?? 0,
    convert,
  };
}

// --- internal ---

function convert(node: Expression, scope: Scope, wanted?: Type): Code {
  return coerce(convertNode(node, scope, wanted), wanted);
}

function convertNode(node: Expression, scope: Scope, wanted: Type | undefined): Code {
  switch (node.kind) {
    case "number":
      return numberLiteral(node.text);
    case "bool":
      return code(String(node.value), boolType, { literal: true });
    case "null":
      return code("undefined", dynamicType, { nullable: true });
    case "template":
      return convertTemplate(node, scope, wanted);
    case "variable":
    case "get-attribute":
    case "get-index":
      return convertAccess(node, scope);
    case "splat":
      return convertSplat(node, scope);
    case "call":
      return convertCall(node, scope, wanted);
    case "unary":
      return convertUnary(node, scope);
    case "binary":
      return convertBinary(node, scope);
    case "conditional":
      return convertConditional(node, scope, wanted);
    case "tuple":
      return convertTuple(node, scope, wanted);
    case "object":
      return convertObject(node, scope, wanted);
    case "for":
      return convertFor(node, scope);
    case "parentheses":
      return convert(node.value, scope, wanted);
    case "missing":
      return todo(node, scope, "this could not be read");
  }
}
