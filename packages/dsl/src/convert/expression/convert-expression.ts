import { boolType, dynamicType, type Type } from "../../hcl/eval/type.ts";
import type { Expression } from "../../hcl/syntax/tree.ts";
import { convertAccess, convertSplat } from "./access.ts";
import { convertCall } from "./call.ts";
import { type Code, code, type ExpressionContext } from "./code.ts";
import { coerce, numberLiteral } from "./coerce.ts";
import { convertObject, convertTuple } from "./collections.ts";
import { convertConditional } from "./conditional.ts";
import { Imports } from "./imports.ts";
import { convertFor } from "./iteration.ts";
import { convertBinary, convertUnary } from "./operators.ts";
import { inText, isMarked, listening, marker, nothingKnown, type Scope, todo } from "./scope.ts";
import { convertTemplate } from "./template.ts";
import { isShallow } from "./walk.ts";

/**
 * Converts an HCL expression to TypeScript with the same value. Never throws for what cannot be expressed: a marked `undefined` stands
 * there, and the context is told.
 */
export function convertExpression(expression: Expression, context: ExpressionContext, wanted?: Type): Code {
  // What was tried and dropped imports nothing, and nothing is told twice.
  const imports = new Imports();
  const told = new Map<Expression, string>();
  const given = expressionScope(context);
  const listener = listening(given, (node, message) => {
    if (told.get(node) !== message) context.attention(node, message);
    told.set(node, message);
  });
  const scope = { ...listener, context: { ...listener.context, imports } };
  if (!isShallow(expression, mostLevels)) return todo(expression, scope, `expressions nest more than ${mostLevels} levels deep`);
  const converted = convert(expression, scope, wanted);
  context.imports.addUsed(imports, converted.text);
  return converted;
}

/** Far more than anybody writes, and less than what the stack holds. */
const mostLevels = 500;

/** The scope of a whole expression: for loops of statements, such as those of `dynamic` blocks. */
export function expressionScope(context: ExpressionContext): Scope {
  return {
    context,
    names: context.names.child(),
    variables: new Map(),
    bound: new Map(),
    present: new Set(),
    known: nothingKnown(),
    uses: new Map(),
    level: context.level ?? 0,
    convert,
  };
}

// --- internal ---

function convert(node: Expression, scope: Scope, wanted?: Type): Code {
  const known = wanted === undefined ? scope.known.codes.get(node) : undefined;
  if (known !== undefined) return known;
  const converted = whole(node, coerce(convertNode(node, scope, wanted), wanted));
  scope.uses?.get(converted.text)?.add(wanted === inText ? "string" : (wanted?.kind ?? "dynamic"));
  if (wanted === undefined) scope.known.codes.set(node, converted);
  return converted;
}

/** What computes with something that could not be expressed is marked as a whole: `undefined` would not do there. */
function whole(node: Expression, converted: Code): Code {
  if (isContainer(node) || !isMarked(converted)) return converted;
  return marker(node, converted.type);
}

function isContainer(node: Expression): boolean {
  switch (node.kind) {
    case "tuple":
    case "object":
    case "parentheses":
    case "conditional":
      return true;
    case "call":
      return node.name === "merge" || node.name === "concat";
    default:
      return false;
  }
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
