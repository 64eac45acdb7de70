import type { Origin, PathSegment, SourceRange } from "@tspack/core";
import type { Attribute, Block, Expression, Node } from "../syntax/tree.ts";
import { constantText } from "./constant.ts";

/** Where the parts of a decoded body stand. */
export interface LocatedBody {
  /** The block's head. */
  readonly head: Node;
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly blocks: ReadonlyMap<string, readonly LocatedBody[]>;
}

/** The origin of a declaration: finds the argument, nested block, list element or key of a path, or the nearest thing around it. */
export function originOf(body: LocatedBody, title: string): Origin {
  return { title, locate: (path) => rangeOf(find(body, path)) };
}

/** The origin of something that has no parts. */
export function originAt(node: Node): Origin {
  return { locate: () => rangeOf(node) };
}

/** What is marked of a block: its type and labels. */
export function headOf(block: Block): Node {
  return { source: block.source, start: block.typeNode.start, end: block.labels.at(-1)?.end ?? block.typeNode.end };
}

// --- internal ---

function rangeOf({ source, start, end }: Node): SourceRange {
  return source.range(start, end);
}

function find(body: LocatedBody, path: readonly PathSegment[]): Node {
  const [name, ...rest] = path;
  if (typeof name !== "string") return body.head;
  const attribute = body.attributes.get(name);
  if (attribute !== undefined) return findInside(attribute.value, rest) ?? attribute.nameNode;
  const blocks = body.blocks.get(name);
  if (blocks === undefined) return body.head;
  // A block that may stand once has no number in the path.
  const [index] = rest;
  const inner = typeof index === "number" ? blocks[index] : blocks[0];
  return inner === undefined ? body.head : find(inner, typeof index === "number" ? rest.slice(1) : rest);
}

/** The part of an expression at a path, as far as the expression is written out; undefined when not even its first step is. */
function findInside(expression: Expression, path: readonly PathSegment[]): Node | undefined {
  const [segment, ...rest] = path;
  if (segment === undefined) return undefined;
  switch (expression.kind) {
    case "parentheses":
      return findInside(expression.value, path);
    case "tuple": {
      const element = typeof segment === "number" ? expression.elements[segment]?.value : undefined;
      return element === undefined ? undefined : (findInside(element, rest) ?? element);
    }
    case "object": {
      const item = expression.items.findLast(({ key }) => (key.kind === "variable" ? key.name : constantText(key)) === segment);
      return item === undefined ? undefined : (findInside(item.value, rest) ?? item.key);
    }
    default:
      return undefined;
  }
}
