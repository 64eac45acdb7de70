import type { Expression } from "../../hcl/syntax/tree.ts";
import type { Code, ExpressionContext } from "./code.ts";

/** Converts an HCL expression to TypeScript with the same value. */
export function convertExpression(_expression: Expression, _context: ExpressionContext): Code {
  throw new Error("being written");
}
