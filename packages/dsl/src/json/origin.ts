import type { Origin, PathSegment, SourceRange } from "@tspack/core";
import { findProperty, type JsonNode, rangeOf } from "./syntax/tree.ts";

/** Finds options inside a node: a property with its value where that is short, else its name. `title` is what messages call the node. */
export function jsonOrigin(node: JsonNode, title?: string): Origin {
  return { title, locate: (path) => locate(node, path) };
}

// --- internal ---

function locate(node: JsonNode, path: readonly PathSegment[]): SourceRange | undefined {
  const [segment, ...rest] = path;
  // The whole of a component would be marked: its first character says where it is.
  if (segment === undefined) return node.kind === "object" ? node.source.range(node.start, node.start + 1) : rangeOf(node);
  if (typeof segment === "number") {
    const item = node.kind === "array" ? node.items[segment] : undefined;
    return item === undefined ? undefined : rest.length === 0 ? rangeOf(item) : locate(item, rest);
  }
  const property = node.kind === "object" ? findProperty(node, segment) : undefined;
  if (property === undefined) return undefined;
  if (rest.length > 0) return locate(property.value, rest) ?? rangeOf(property);
  const isShort = property.value.kind !== "object" && property.value.kind !== "array";
  return isShort ? property.source.range(property.start, property.value.end) : rangeOf(property);
}
