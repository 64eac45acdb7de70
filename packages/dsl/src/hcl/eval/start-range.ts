import type { Expression, Node } from "../syntax/tree.ts";

/**
 * Where an expression starts: its first literal, name or bracket. Messages about an argument mark that, so that a long argument is not
 * marked whole.
 */
export function startOf(expression: Expression): Node {
  const { source, start, end } = expression;
  const upTo = (length: number): Node => ({ source, start, end: Math.min(end, start + length) });
  switch (expression.kind) {
    case "template": {
      const [first, second] = expression.parts;
      return first === undefined || (first.kind === "interpolation" && second === undefined) ? expression : first;
    }
    case "tuple":
    case "object":
    case "for":
    case "parentheses":
      return upTo(1);
    case "unary":
      return upTo(expression.operator.length);
    case "binary":
      return startOf(leftmost(expression.left));
    case "conditional":
      return startOf(expression.condition);
    case "call":
      return expression.nameNode;
    default:
      return expression;
  }
}

// --- internal ---

function leftmost(expression: Expression): Expression {
  let first = expression;
  while (first.kind === "binary") first = first.left;
  return first;
}
