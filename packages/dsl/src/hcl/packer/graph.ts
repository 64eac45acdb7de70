/** A graph put in order. */
export interface Ordered {
  /** Every node after those it needs; nodes of circles are left out. */
  readonly order: readonly string[];
  /** Circles: each node needs the next, the last one the first. One per node at which a circle was found. */
  readonly circles: readonly (readonly string[])[];
}

/**
 * Puts nodes in an order in which each comes after those it needs, otherwise as given. Needs that are no nodes are passed over. Works
 * without recursion, since a chain of locals may be as long as a template.
 */
export function orderGraph(nodes: ReadonlyMap<string, readonly string[]>): Ordered {
  const order: string[] = [];
  const circles: string[][] = [];
  const state = new Map<string, "open" | "done" | "circular">();
  for (const start of nodes.keys()) {
    if (state.has(start)) continue;
    const positions = new Map<string, number>();
    const path: { readonly node: string; readonly needs: readonly string[]; next: number }[] = [];
    const enter = (node: string): void => {
      state.set(node, "open");
      positions.set(node, path.length);
      path.push({ node, needs: nodes.get(node) ?? [], next: 0 });
    };
    enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const need = top.needs[top.next++];
      if (need === undefined) {
        path.pop();
        positions.delete(top.node);
        if (state.get(top.node) === "open") {
          state.set(top.node, "done");
          order.push(top.node);
        }
      } else if (!state.has(need)) {
        if (nodes.has(need)) enter(need);
      } else {
        const from = positions.get(need);
        if (from === undefined) continue;
        const circle = path.slice(from).map(({ node }) => node);
        circles.push(circle);
        for (const node of circle) state.set(node, "circular");
      }
    }
  }
  return { order, circles };
}
