import { dynamicType, type Type } from "../../hcl/eval/type.ts";

/**
 * The type, or `dynamic` for one that is too large to work with: nothing is known of such a value, and it is converted with what holds for
 * any. Types share their parts (`a = [local.b, local.b]`), so that a short template can have types with more parts than there is memory.
 */
export function boundedType(type: Type): Type {
  const { parts, depth } = extentOf(type);
  return parts > MOST_PARTS || depth > MOST_LEVELS ? dynamicType : type;
}

// --- internal ---

/** Far more than anybody writes; every comparison of two types walks them. */
const MOST_PARTS = 10_000;
/** Types are walked with recursion. */
const MOST_LEVELS = 100;

interface Extent {
  /** Parts that occur several times count as often; not exact above the limit. */
  readonly parts: number;
  readonly depth: number;
}

const single: Extent = { parts: 1, depth: 1 };
const known = new WeakMap<Type, Extent>();

/** Each type is looked at once, whatever it is a part of. */
function extentOf(type: Type): Extent {
  const inner = partsOf(type);
  if (inner === undefined) return single;
  const before = known.get(type);
  if (before !== undefined) return before;
  let [parts, depth] = [1, 0];
  for (const part of inner) {
    const extent = extentOf(part);
    parts += extent.parts;
    depth = Math.max(depth, extent.depth);
  }
  const extent = { parts, depth: depth + 1 };
  known.set(type, extent);
  return extent;
}

/** undefined: it has none. */
function partsOf(type: Type): Iterable<Type> | undefined {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return [type.element];
    case "tuple":
      return type.elements;
    case "object":
      return type.attributes.values();
    default:
      return undefined;
  }
}
