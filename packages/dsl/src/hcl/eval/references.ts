// Which names an expression uses, without evaluating it.
import type { PathSegment } from "@tspack/core";
import type { Expression, GetAttribute, GetIndex, Node, ObjectItem, SplatEach, TemplatePart, Variable } from "../syntax/tree.ts";

/** A use of a name from the scope: `local.a.b[0]` has the root `local` and the path `a`, `b`, 0. */
export interface Traversal {
  readonly root: string;
  /** Attributes and indexes as far as they are written out; `local.a[x].b` has `a` alone. */
  readonly path: readonly PathSegment[];
  /** The root and the steps of the path. */
  readonly node: Node;
}

/**
 * All names from outside that an expression uses, in the order written, with what is used of them. Variables of `for` expressions and
 * directives in it are left out.
 */
export function referencesOf(expression: Expression): readonly Traversal[] {
  const found: Traversal[] = [];
  visit(expression, { found, bound: [] });
  return found;
}

// --- internal ---

interface Search {
  readonly found: Traversal[];
  /** Names that stand for something inside the expression. */
  readonly bound: readonly string[];
}

function visit(expression: Expression, search: Search): void {
  switch (expression.kind) {
    case "number":
    case "bool":
    case "null":
    case "missing":
      break;
    case "variable":
    case "get-attribute":
    case "get-index":
      visitAccess(expression, search);
      break;
    case "template":
      visitParts(expression.parts, search);
      break;
    case "splat":
      visit(expression.collection, search);
      visitEach(expression.each, search);
      break;
    case "call":
      for (const argument of expression.args) visit(argument, search);
      break;
    case "unary":
      visit(expression.operand, search);
      break;
    case "binary":
      visitBinary(expression, search);
      break;
    case "conditional":
      visit(expression.condition, search);
      visit(expression.then, search);
      visit(expression.otherwise, search);
      break;
    case "tuple":
      for (const { value } of expression.elements) visit(value, search);
      break;
    case "object":
      for (const item of expression.items) visitItem(item, search);
      break;
    case "for": {
      visit(expression.collection, search);
      const inner = bind(search, expression.keyName, expression.valueName);
      for (const part of [expression.key, expression.value, expression.condition]) if (part !== undefined) visit(part, inner);
      break;
    }
    case "parentheses":
      visit(expression.value, search);
      break;
  }
}

/** A chain of accesses: its static beginning is the traversal, keys behind that are looked into. */
function visitAccess(expression: Variable | GetAttribute | GetIndex, search: Search): void {
  const steps: (GetAttribute | GetIndex)[] = [];
  let start: Expression = expression;
  while (start.kind === "get-attribute" || start.kind === "get-index") {
    steps.unshift(start);
    start = start.kind === "get-attribute" ? start.object : start.collection;
  }
  if (start.kind === "variable" && !search.bound.includes(start.name)) {
    const path: PathSegment[] = [];
    let node: Expression = start;
    for (const step of steps) {
      const segment = step.kind === "get-attribute" ? step.name : staticKey(step.key);
      if (segment === undefined) break;
      path.push(segment);
      node = step;
    }
    search.found.push({ root: start.name, path, node });
  } else if (start.kind !== "variable") visit(start, search);
  for (const step of steps) if (step.kind === "get-index") visit(step.key, search);
}

function staticKey(key: Expression): PathSegment | undefined {
  if (key.kind === "number") return /^\d{1,15}$/.test(key.text) ? Number(key.text) : undefined;
  if (key.kind !== "template") return undefined;
  const [text, ...more] = key.parts;
  return text?.kind === "text" && more.length === 0 ? text.value : undefined;
}

/** Not by recursion to the left: `a + b + c …` may be long. */
function visitBinary(expression: Expression & { readonly kind: "binary" }, search: Search): void {
  const rights: Expression[] = [];
  let first: Expression = expression;
  for (; first.kind === "binary"; first = first.left) rights.push(first.right);
  visit(first, search);
  for (const right of rights.reverse()) visit(right, search);
}

function visitItem({ key, isLiteralKey, value }: ObjectItem, search: Search): void {
  if (!isLiteralKey) visit(key, search);
  visit(value, search);
}

function visitEach(each: SplatEach, search: Search): void {
  for (const step of each) {
    if (step.kind === "index") visit(step.key, search);
    else if (step.kind === "splat") visitEach(step.each, search);
  }
}

function visitParts(parts: readonly TemplatePart[], search: Search): void {
  for (const part of parts) {
    switch (part.kind) {
      case "text":
        break;
      case "interpolation":
        visit(part.value, search);
        break;
      case "if":
        visit(part.condition, search);
        visitParts(part.then, search);
        visitParts(part.otherwise, search);
        break;
      case "for-directive":
        visit(part.collection, search);
        visitParts(part.body, bind(search, part.key, part.value));
        break;
    }
  }
}

function bind(search: Search, ...names: readonly (string | undefined)[]): Search {
  return { found: search.found, bound: [...search.bound, ...names.filter((name) => name !== undefined)] };
}
