import type { Attribute, Block, Body } from "../syntax/tree.ts";

/** The attribute of a name in a body, if it is there. */
export function findAttribute(body: Body, name: string): Attribute | undefined {
  return body.items.find((item): item is Attribute => item.kind === "attribute" && item.name === name);
}

/** The attributes of a body, in order. */
export function attributesOf(body: Body): readonly Attribute[] {
  return body.items.filter((item): item is Attribute => item.kind === "attribute");
}

/** The blocks of a body, in order. */
export function blocksOf(body: Body): readonly Block[] {
  return body.items.filter((item): item is Block => item.kind === "block");
}
