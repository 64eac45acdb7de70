// Values that are written out in a program, which a file of its own can say as well: text, numbers, booleans, and lists of them.
import type { ts } from "ts-morph";
import type { Compiler } from "../format/format-source.ts";
import { type Piece, textOf } from "./parsed-module.ts";

/** A value that is written out. */
export interface Literal {
  /** As TypeScript. */
  readonly text: string;
  readonly shape: Shape;
}

type Shape =
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "number" | "boolean" }
  | { readonly kind: "list"; readonly items: readonly Shape[] };

/** The value of a piece that is written out; undefined for anything that is computed, and for objects. */
export function literalOf(compiler: Compiler, piece: Piece): Literal | undefined {
  const shape = shapeOf(compiler, piece.node);
  return shape === undefined ? undefined : { text: textOf(piece), shape };
}

/** The TypeScript type of values, as narrow as all of them allow: `string`, `number | string`, `string[]`. */
export function typeOf(shapes: readonly Shape[]): string {
  const types = new Set<string>();
  const items: Shape[] = [];
  let hasLists = false;
  for (const shape of shapes) {
    if (shape.kind === "text") types.add("string");
    else if (shape.kind !== "list") types.add(shape.kind);
    else {
      hasLists = true;
      items.push(...shape.items);
    }
  }
  const scalars = [...types].sort();
  if (!hasLists) return scalars.join(" | ") || "never";
  const item = typeOf(items);
  return [...scalars, item.includes("|") ? `(${item})[]` : `${item}[]`].join(" | ");
}

/** Something of the type that does no harm: used where no template reads it. */
export function neutral(type: string): string {
  if (type.endsWith("[]")) return "[]";
  return type.startsWith("boolean") ? "false" : type.startsWith("number") ? "0" : '""';
}

/** The text of a literal; undefined for other kinds. */
export function textValue({ shape }: Literal): string | undefined {
  return shape.kind === "text" ? shape.value : undefined;
}

// --- internal ---

function shapeOf(compiler: Compiler, node: ts.Expression): Shape | undefined {
  if (compiler.isStringLiteralLike(node)) return { kind: "text", value: node.text };
  if (compiler.isNumericLiteral(node)) return { kind: "number" };
  if (compiler.isPrefixUnaryExpression(node)) return compiler.isNumericLiteral(node.operand) ? { kind: "number" } : undefined;
  if (node.kind === compiler.SyntaxKind.TrueKeyword || node.kind === compiler.SyntaxKind.FalseKeyword) return { kind: "boolean" };
  if (compiler.isTaggedTemplateExpression(node)) {
    const isRaw = node.tag.getText() === "String.raw" && compiler.isNoSubstitutionTemplateLiteral(node.template);
    return isRaw ? { kind: "text", value: node.template.rawText ?? "" } : undefined;
  }
  if (!compiler.isArrayLiteralExpression(node)) return undefined;
  const items: Shape[] = [];
  for (const element of node.elements) {
    const shape = shapeOf(compiler, element);
    if (shape === undefined) return undefined;
    items.push(shape);
  }
  return { kind: "list", items };
}
