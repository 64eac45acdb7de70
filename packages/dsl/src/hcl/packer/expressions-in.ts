import type { Body, Expression } from "../syntax/tree.ts";

/** Every expression of a body and of the blocks in it, at any depth. */
export function expressionsIn(body: Body): readonly Expression[] {
  const found: Expression[] = [];
  const open = [body];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const item of next.items) {
      if (item.kind === "attribute") found.push(item.value);
      else open.push(item.body);
    }
  }
  return found;
}
