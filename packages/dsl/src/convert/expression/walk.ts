import type { Comment, Expression, SplatEach, TemplatePart } from "../../hcl/syntax/tree.ts";

/** The expressions right inside an expression; literal keys of objects are none. */
export function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case "template":
      return node.parts.flatMap(expressionsIn);
    case "get-attribute":
      return [node.object];
    case "get-index":
      return [node.collection, node.key];
    case "splat":
      return [node.collection, ...keysIn(node.each)];
    case "call":
      return node.args;
    case "unary":
      return [node.operand];
    case "binary":
      return [node.left, node.right];
    case "conditional":
      return [node.condition, node.then, node.otherwise];
    case "tuple":
      return node.elements.map(({ value }) => value);
    case "object":
      return node.items.flatMap(({ key, isLiteralKey, value }) => (isLiteralKey ? [value] : [key, value]));
    case "for":
      return [node.collection, node.key, node.value, node.condition].filter((part) => part !== undefined);
    case "parentheses":
      return [node.value];
    default:
      return [];
  }
}

/** The comments inside an expression, in their order. */
export function commentsIn(node: Expression): readonly Comment[] {
  const entries = node.kind === "tuple" ? node.elements : node.kind === "object" ? node.items : [];
  const own = entries.flatMap(({ leading, trailing, value }) => [
    ...leading,
    ...commentsIn(value),
    ...(trailing === undefined ? [] : [trailing]),
  ]);
  if (node.kind === "tuple" || node.kind === "object") return [...own, ...node.dangling];
  return childrenOf(node).flatMap(commentsIn);
}

/** True if expressions nest no deeper than `most` levels. */
export function isShallow(node: Expression, most: number): boolean {
  const open: [node: Expression, level: number][] = [[node, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [at, level] = next;
    if (level > most) return false;
    for (const child of childrenOf(at)) open.push([child, level + 1]);
  }
  return true;
}

/** Root names that an expression reads, variables of `for` expressions inside it among them. */
export function rootNamesIn(node: Expression, names: Set<string> = new Set()): Set<string> {
  if (node.kind === "variable") names.add(node.name);
  for (const child of childrenOf(node)) rootNamesIn(child, names);
  return names;
}

/** Indexes among the steps of a splat. */
function keysIn(each: SplatEach): readonly Expression[] {
  return each.flatMap((step) => (step.kind === "index" ? [step.key] : step.kind === "splat" ? keysIn(step.each) : []));
}

function expressionsIn(part: TemplatePart): readonly Expression[] {
  switch (part.kind) {
    case "text":
      return [];
    case "interpolation":
      return [part.value];
    case "if":
      return [part.condition, ...part.then.flatMap(expressionsIn), ...part.otherwise.flatMap(expressionsIn)];
    case "for-directive":
      return [part.collection, ...part.body.flatMap(expressionsIn)];
  }
}
