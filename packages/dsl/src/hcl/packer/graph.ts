/** A graph put in order. */
export interface Ordered {
  /** Every node after those it needs; nodes of circles are left out. */
  readonly order: readonly string[];
  /** Circles, at most a hundred of them: each node needs the next, the last one the first. One per node at which a circle was found. */
  readonly circles: readonly (readonly string[])[];
}

/**
 * Puts nodes in an order in which each comes after those it needs, otherwise as given. Needs that are no nodes are passed over. Works
 * without recursion, since a chain of locals may be as long as a template.
 */
export function orderGraph(nodes: ReadonlyMap<string, readonly string[]>): Ordered {
  const order: string[] = [];
  const circles: string[][] = [];
  const entered = new Set<string>();
  for (const start of nodes.keys()) {
    if (entered.has(start)) continue;
    const positions = new Map<string, number>();
    const path: { readonly node: string; readonly needs: readonly string[]; next: number; back: number }[] = [];
    const enter = (node: string): void => {
      entered.add(node);
      positions.set(node, path.length);
      path.push({ node, needs: nodes.get(node) ?? [], next: 0, back: NO_WAY_BACK });
    };
    enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const need = top.needs[top.next++];
      if (need === undefined) {
        path.pop();
        positions.delete(top.node);
        const before = path.at(-1);
        // A way back to this node or one above it makes all between them a circle.
        if (top.back === NO_WAY_BACK) order.push(top.node);
        else if (before !== undefined && top.back < path.length) before.back = Math.min(before.back, top.back);
      } else if (!entered.has(need)) {
        if (nodes.has(need)) enter(need);
      } else {
        const from = positions.get(need);
        if (from === undefined) continue;
        top.back = Math.min(top.back, from);
        if (circles.length < MOST_CIRCLES) circles.push(path.slice(from).map(({ node }) => node));
      }
    }
  }
  return { order, circles };
}

// --- internal ---

const MOST_CIRCLES = 100;
const NO_WAY_BACK = Number.POSITIVE_INFINITY;
