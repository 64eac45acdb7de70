import type { Block } from "../syntax/tree.ts";
import type { Place } from "./template-scope.ts";

/** Adds the names of iterations around a block to a place. */
export type Layer = (outer: Place) => Place;

/** No iteration around it. */
export const noLayer: Layer = (outer) => outer;

/** A block as it counts after `dynamic` is expanded, with the iterations it is made by. */
export interface ExpandedBlock {
  readonly block: Block;
  readonly layer: Layer;
}
